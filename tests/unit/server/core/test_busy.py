"""Whether something is under way."""

import pytest

from hotshelf_server.core.busy import Busy


def test_it_is_busy_until_the_last_piece_of_work_has_ended() -> None:
    busy = Busy()
    seen = [busy()]
    with busy:
        with busy:
            seen.append(busy())
        seen.append(busy())
    assert [*seen, busy()] == [False, True, True, False]


def test_work_that_fails_has_ended() -> None:
    busy = Busy()
    with pytest.raises(ValueError, match="bad"), busy:
        raise ValueError("bad")
    assert not busy()
