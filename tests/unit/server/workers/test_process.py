"""How a worker ended is told in words."""

import signal

import pytest

from hotshelf_server.workers.process import told


@pytest.mark.parametrize(
    ("code", "words"),
    [(0, "with exit code 0"), (2, "with exit code 2"), (-9, "by SIGKILL"), (-signal.SIGRTMIN - 1, "by signal 35")],
)
def test_every_end_has_words(code: int, words: str) -> None:
    assert told(code) == words
