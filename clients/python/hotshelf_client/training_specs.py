"""What a trainer is asked to train."""

from collections.abc import Sequence
from dataclasses import dataclass

from hotshelf.training.v1 import training_pb2 as pb


@dataclass(frozen=True, slots=True)
class TrainingSpec:
    """A training to be started, or those of a schedule. Paths in the recipe are the trainer's."""

    recipe: str
    """YAML."""
    overrides: Sequence[str] = ()
    """``key.key=value``, values in YAML."""
    model: str = ""
    """To publish a version of; empty: the recipe's name."""
    until: str = ""
    """ISO date (UTC): data at or after it are ignored."""
    author: str = ""
    limit_seconds: float = 0.0
    limit_bytes: int = 0
    """Of resident memory. Both limits: 0 for the trainer's own."""
    restart_if_lost: bool = False
    if_older_seconds: float = 0.0
    """Train only if the champion is older; 0: no matter."""
    if_drift: float = 0.0
    """Train only if a feature's population stability index since the champion learned is above it; 0: no matter.

    With both, either is enough; a model without a champion is always trained.
    """

    def message(self) -> pb.TrainingSpec:
        """As the protocol has it."""
        occasion = pb.Occasion(older_than_seconds=self.if_older_seconds, drift_above=self.if_drift)
        return pb.TrainingSpec(
            recipe=self.recipe,
            overrides=self.overrides,
            model=self.model,
            until=self.until,
            author=self.author,
            limits=pb.Limits(seconds=self.limit_seconds, memory_bytes=self.limit_bytes),
            restart_if_lost=self.restart_if_lost,
            occasion=occasion if occasion.ListFields() else None,
        )
