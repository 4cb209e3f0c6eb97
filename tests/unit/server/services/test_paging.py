"""Lists come in pages."""

import pytest

from hotshelf_server.core.errors import InvalidInput
from hotshelf_server.services.paging import page


def test_pages_follow_each_other_by_their_tokens() -> None:
    first, token = page("abc", 2, "")
    second, end = page("abc", 2, token)
    assert (first, second, end) == ("ab", "c", "")


@pytest.mark.parametrize("token", ["9" * 5000, "\uff11", "\u0663", "01", "-1", "1\n", "x"])
def test_a_token_that_no_answer_gave_is_refused(token: str) -> None:
    with pytest.raises(InvalidInput, match="expected the last answer's next_page_token"):
        page("abc", 2, token)
