"""Where a canary stands, read from the alias log alone: a judge that starts anew goes on where the last one stopped."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain

from hotshelf_store import CHAMPION, AliasRevision

AUTHOR = "judge"
"""By whom the judge's entries in the alias log are."""


@dataclass(frozen=True, slots=True)
class Rollout:
    """Champion's traffic now.

    ``revision`` is the newest of the alias log; ``since`` the one from which the present ``weights`` hold, made by
    ``author`` for ``reason``; ``before`` what held until then; ``origin`` who was champion alone last before ``since``,
    0 for none.
    """

    revision: int
    since: int
    weights: Mapping[int, int]
    author: str
    reason: str
    before: Mapping[int, int]
    origin: int

    @property
    def incumbent(self) -> int:
        """Who is champion alone, or was so last."""
        return next(iter(self.weights)) if len(self.weights) == 1 else self.origin

    @property
    def mine(self) -> bool:
        """Whether a judge made it so."""
        return self.author == AUTHOR

    @property
    def canary(self) -> int:
        """The version that a judge has let in beside the incumbent; 0 where there is none."""
        others = set(self.weights) - {self.incumbent}
        return others.pop() if self.mine and len(self.weights) == 2 and len(others) == 1 else 0

    @property
    def share(self) -> float:
        """The canary's part of the traffic in percent."""
        return 100 * self.weights[self.canary] / sum(self.weights.values()) if self.canary else 0.0

    def taken_back(self, version: int) -> bool:
        """Whether it is this version that a judge took back last."""
        back = set(self.weights) == {self.origin} and len(self.before) > 1
        return self.mine and back and version in self.before and version != self.origin


def read(log: Iterable[AliasRevision]) -> Rollout | None:
    """The rollout that an alias log tells of, newest entry first; None where nothing is champion.

    Reads no further than it must.
    """
    entries = iter(log)
    newest = next(entries, None)
    if newest is None or not champion(newest):
        return None
    weights, since, before, origin = champion(newest), newest, dict[int, int](), 0
    for entry in chain([newest], entries):
        held = champion(entry)
        if held == weights and not before:
            since = entry
            continue
        before = before or held
        if len(held) == 1:
            (origin,) = held
            break
    return Rollout(newest.revision, since.revision, weights, since.author, since.reason, before, origin)


def champion(entry: AliasRevision) -> dict[int, int]:
    """The shares behind champion; none where it names nothing."""
    return dict(entry.routes[CHAMPION].weights) if CHAMPION in entry.routes else {}
