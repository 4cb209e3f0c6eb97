"""What became of canaries, read from one alias revision after another.

Whoever ends a canary, be it `hotshelf judge` or a person, does it by the alias: replicas need to be told nothing else.
"""

from collections.abc import Mapping
from enum import Enum

from hotshelf_server.models.source import Wanted
from hotshelf_store import CHAMPION


class CanaryOutcome(Enum):
    """How a canary ended."""

    PROMOTED = "promoted"
    TAKEN_BACK = "taken_back"


class Canaries:
    """Counts the splits of champions that ended while this replica listened."""

    def __init__(self) -> None:
        self._counts: Mapping[tuple[str, str], int] = {}

    def heard(self, before: Mapping[str, Wanted], now: Mapping[str, Wanted]) -> None:
        """Look at what has changed since the source was last heard. From one thread."""
        counts = {
            (model, outcome.value): self._counts.get((model, outcome.value), 0)
            for model in now
            for outcome in CanaryOutcome
        }
        for model, wanted in now.items():
            outcome = ended(before.get(model), wanted)
            if outcome is not None:
                counts[model, outcome.value] += 1
        self._counts = counts

    def counts(self) -> Mapping[tuple[str, str], int]:
        """By model and outcome, from 0 up for every model that is wanted."""
        return self._counts


def ended(before: Wanted | None, now: Wanted) -> CanaryOutcome | None:
    """How the champion's canary ended, if it did. The canary of a split is its newest version, the one that came last.

    A share that merely shrinks or grows ends nothing.
    """
    split = before.routes.get(CHAMPION, {}) if before is not None else {}
    champions = now.routes.get(CHAMPION, {})
    if len(split) < 2 or len(champions) != 1:
        return None
    return CanaryOutcome.PROMOTED if max(split) in champions else CanaryOutcome.TAKEN_BACK
