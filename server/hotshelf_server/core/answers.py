"""What workers made of something that all of them were told to do."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from hotshelf_server.core import errors


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a worker has not done it: the name of the error, and its words."""

    error: str
    message: str


@dataclass(frozen=True, slots=True)
class Answers:
    """By worker: what it said, or why it has not done it. ``epoch`` changes when a worker has ended, and its counts
    with it."""

    said: Mapping[str, str]
    failed: Mapping[str, Failure]
    epoch: int = 0

    def require(self, what: str, **metadata: str) -> None:
        """Raise the error of the workers that have not done it, naming them if others have. ``what`` is to be done."""
        if not self.failed:
            return
        first = next(iter(self.failed.values()))
        kind = KINDS.get(first.error, errors.ModelFault)
        if not self.said and len({failure.message for failure in self.failed.values()}) == 1:
            raise kind(first.message, refusal=None, **metadata)
        reasons = "; ".join(f"worker {worker}: {failure.message}" for worker, failure in sorted(self.failed.items()))
        done = f"done by worker {', '.join(sorted(self.said))}" if self.said else "done by no worker"
        raise kind(f"{what}: {done}; {reasons}", refusal=None, **metadata)


Ask = Callable[[str, str, float | None], Answers]
"""Has all workers, this one included, do something: its name, what to do it with, and the seconds that there are."""

KINDS: Mapping[str, type[errors.HotshelfError]] = {
    kind.__name__: kind
    for kind in (
        errors.ModelNotFound,
        errors.ModelNotReady,
        errors.ServerDraining,
        errors.InvalidInput,
        errors.FailedPrecondition,
        errors.DeadlineExceeded,
        errors.ModelFault,
    )
}
"""Errors that keep their kind on the way from one worker to another."""


def to_plain(answers: Answers) -> dict[str, Any]:
    """For JSON."""
    failed = {worker: [failure.error, failure.message] for worker, failure in answers.failed.items()}
    return {"said": dict(answers.said), "failed": failed, "epoch": answers.epoch}


def from_plain(plain: Mapping[str, Any]) -> Answers:
    """What `to_plain` gave."""
    failed = {worker: Failure(*failure) for worker, failure in plain["failed"].items()}
    return Answers(plain["said"], failed, plain["epoch"])
