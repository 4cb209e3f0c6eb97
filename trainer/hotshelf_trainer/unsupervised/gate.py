"""May the candidate become champion? A pure function of what was found; every check says why."""

from collections.abc import Sequence
from dataclasses import dataclass

from hotshelf_trainer.recipes.table import GateLimits
from hotshelf_trainer.table.rivals import CHAMPION, beats, not_inferior
from hotshelf_trainer.unsupervised.figures import Judged
from hotshelf_trainer.verdict import Check, Verdict

NOTE = "its recipe learned from the same rows as the candidate"


@dataclass(frozen=True, slots=True)
class Opponent:
    """The champion as the gate sees it."""

    version: int
    features: Sequence[str]
    """Columns that it learned from."""


def judge(judged: Judged, features: Sequence[str], opponent: Opponent | None, limits: GateLimits) -> Verdict:
    """The simple baselines and the task's own checks, then the champion."""
    rivals = judged.comparisons
    checks = [beats(judged.metric, rivals[name]) for name in rivals if name != CHAMPION]
    checks += judged.checks
    if opponent is None:
        return Verdict(0, tuple(checks))
    if CHAMPION in rivals:
        checks.append(not_inferior(judged.metric, rivals[CHAMPION], opponent.version, limits, NOTE))
    else:
        checks.append(_incomparable(features, opponent))
    return Verdict(opponent.version, tuple(checks))


def _incomparable(features: Sequence[str], opponent: Opponent) -> Check:
    """Scores of other columns measure something else, and no comparison is no pass."""
    changed = sorted(set(features) ^ set(opponent.features))
    return Check(
        f"comparable with champion version {opponent.version}",
        passed=False,
        reason=f"the columns differ ({', '.join(changed)}), and no score tells which are the better ones; "
        "train under another --name, or promote with --force --reason",
    )
