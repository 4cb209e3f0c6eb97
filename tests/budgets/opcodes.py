"""Counts the opcodes that Python executes: the same number every time, on every machine, for one minor version."""

import platform
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

UNCOUNTED = (str(Path(__file__).parents[1]), "<frozen importlib")
"""Files of the tests, and Python's machinery of imports, whose work depends on the folders that it looks into."""

ENVIRONMENT = "python " + ".".join(platform.python_version_tuple()[:2])


def where(act: Callable[[], object]) -> Counter[str]:
    """By function, of all that runs in an action on this thread, but for `UNCOUNTED`: fakes of the tests stand for what
    is no Python, such as a queue, or for what isn't looked at."""
    found: Counter[CodeType] = Counter()

    def on_event(frame: FrameType, event: str, _argument: object) -> Any:
        if event == "opcode":
            found[frame.f_code] += 1
        return on_event

    def on_call(frame: FrameType, _event: str, _argument: object) -> Any:
        if frame.f_code.co_filename.startswith(UNCOUNTED):
            return None
        frame.f_trace_lines, frame.f_trace_opcodes = False, True
        return on_event

    before = sys.gettrace()
    sys.settrace(on_call)
    try:
        act()
    finally:
        sys.settrace(before)
    named: Counter[str] = Counter()
    for code, opcodes in found.items():
        named[f"{Path(code.co_filename).stem}.{code.co_qualname}"] += opcodes
    return named


def count(act: Callable[[], object]) -> int:
    """Of all of them."""
    return where(act).total()
