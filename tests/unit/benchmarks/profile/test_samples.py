"""A sampled stack is counted to the part of a call that it was in."""

import pytest

from tests.benchmarks.profile.samples import NATIVE, OTHER, PACKAGES, part, parts

SERVE = "Interface._serve (hotshelf_server/transport/fast/interface.py:119)"
TAKE = "InferShortcut.take (/a/place/hotshelf_server/services/shortcut.py:91)"


@pytest.mark.parametrize(
    ("stack", "expected"),
    [
        ([SERVE], NATIVE["Interface._serve"]),
        ([SERVE, TAKE], PACKAGES["services"]),
        ([SERVE, "answer (hotshelf_server/transport/fast/interface.py:185)"], NATIVE["answer"]),
        ([SERVE, TAKE, "Trees._ask (hotshelf_server/runtimes/trees/engine.py:72)"], NATIVE["Trees._ask"]),
        ([SERVE, TAKE, "current_thread (threading.py:1461)"], PACKAGES["services"]),
        ([SERVE, "ABCMeta.__instancecheck__ (<frozen abc>:119)"], PACKAGES["transport"]),
        ([SERVE, "main (hotshelf_server/app.py:1)"], OTHER),
    ],
)
def test_the_innermost_frame_of_ours_decides(stack: list[str], expected: str) -> None:
    assert part(stack) == expected


def test_samples_of_the_thread_that_answers_are_added_up() -> None:
    lines = [
        f"{SERVE};{TAKE} 3",
        f"{SERVE};{TAKE};len (<frozen abc>:1) 2",
        f"{SERVE} 4",
        "watch (hotshelf_server/a.py:1) 9",
    ]
    assert parts(lines) == {PACKAGES["services"]: 5, NATIVE["Interface._serve"]: 4}
