"""What the calls of a load show: which failed, and which were answered wrongly."""

import heapq
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tests.e2e.reloads.load import PROMISING, Call


@dataclass(frozen=True, slots=True)
class Verdict:
    """Counts, and what the first of each kind looked like."""

    calls: int
    probes: int
    failed: Sequence[str]
    wrong: Sequence[str]
    unready: Sequence[str]


def judge(calls: Sequence[Call], answers: Mapping[str, Mapping[int, bytes]]) -> Verdict:
    """``answers``: what the versions of each model must say; a version that isn't there must not answer."""
    asked = [call for call in calls if call.lane in answers]
    probes = [call for call in calls if call.lane not in answers]
    wrong = [found for call in asked if not call.error for found in _wrong(call, answers[call.lane])]
    for lane in answers:
        wrong += _relapses([call for call in asked if call.lane == lane and not call.error])
    return Verdict(
        calls=len(asked),
        probes=len(probes),
        failed=[f"{call.lane}: {call.error}" for call in asked if call.error],
        wrong=wrong,
        unready=[f"{call.lane}: {call.told or call.error}" for call in probes if call.told not in PROMISING],
    )


def _wrong(call: Call, answers: Mapping[int, bytes]) -> Iterator[str]:
    version = int(call.told)
    if version not in answers:
        yield f"{call.lane}: version {version} must not answer"
    elif call.outputs != answers[version]:
        found, expected = np.frombuffer(call.outputs), np.frombuffer(answers[version])
        yield f"{call.lane}: version {version} said {found}, expected {expected}"


def _relapses(calls: Sequence[Call]) -> Iterator[str]:
    """Answers of an older version to calls that were sent after a newer one had answered."""
    arriving: list[tuple[float, int]] = []
    newest = 0
    for call in sorted(calls, key=lambda call: call.sent):
        while arriving and arriving[0][0] < call.sent:
            newest = max(newest, heapq.heappop(arriving)[1])
        version = int(call.told)
        if version < newest:
            yield f"{call.lane}: version {version} answered after version {newest} had"
        heapq.heappush(arriving, (call.received, version))
