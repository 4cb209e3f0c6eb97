"""Stacks that py-spy sampled, as parts of a call."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

SERVING = "Interface._serve"
"""The thread that answers runs this."""

FRAME = re.compile(r"(?P<function>.*) \((?P<file>[^()]*?)(?::\d+)?\)")
OURS = re.compile(r"hotshelf_server/(?:(?P<package>\w+)/)?")

NATIVE: Mapping[str, str] = {
    "answer": "gRPC core: send the answer",
    "refuse": "gRPC core: send the answer",
    "receive": "gRPC core: ask for the message",
    "listen_for_end": "gRPC core: ask for the message",
    "Interface.request": "gRPC core: ask for the next call",
    "Interface._serve": "gRPC core: wait for events, and free what a call was",
    "Trees._ask": "tree engine",
}
"""Functions of ours that do little but call C, and what that does."""

PACKAGES: Mapping[str, str] = {
    "transport": "Python: calls, from the queue and back (transport)",
    "services": "Python: messages, and which are computed together (services)",
    "dataplane": "Python: whether the plan still holds, leases (dataplane, models)",
    "models": "Python: whether the plan still holds, leases (dataplane, models)",
    "execution": "Python: places, joined inputs, cost curve (execution)",
    "runtimes": "Python: from tensors to the engine (runtimes)",
    "observability": "Python: counts, statistics, samples of values (observability)",
}
OTHER = "Python: all else"


def parts(lines: Iterable[str]) -> Mapping[str, int]:
    """Samples of the thread that answers, by part; of py-spy's raw format, ``outermost;…;innermost count``."""
    found: Counter[str] = Counter()
    for line in lines:
        stack, _, count = line.rpartition(" ")
        frames = stack.split(";")
        if any(frame.startswith(f"{SERVING} ") for frame in frames):
            found[part(frames)] += int(count)
    return found


def part(frames: Sequence[str]) -> str:
    """That of a stack: what is ours and innermost decides; where that calls C, and is innermost, what it calls."""
    for frame in reversed(frames):
        match = FRAME.fullmatch(frame)
        if match and (ours := OURS.search(match["file"])):
            if frame is frames[-1] and match["function"] in NATIVE:
                return NATIVE[match["function"]]
            return PACKAGES.get(ours["package"] or "", OTHER)
    return OTHER
