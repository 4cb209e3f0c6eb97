"""The trainings of a database in a few numbers."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Engine, func, select

from hotshelf_trainer.jobs.database import reading
from hotshelf_trainer.jobs.tables import trainings
from hotshelf_trainer.jobs.training import State

MAX_MODELS = 1_000
"""Models whose last success is told: those that succeeded last."""


@dataclass(frozen=True, slots=True)
class Summary:
    """Counts of every state; when each model's training last ended well, newest first; and since when the training has
    waited that has waited longest, None where none waits. Moments are seconds since the epoch."""

    states: Mapping[State, int]
    successes: Mapping[str, float]
    waiting_since: float | None


def summary(engine: Engine) -> Summary:
    """The trainings now."""
    by_state = select(trainings.c.state, func.count()).group_by(trainings.c.state)
    well = trainings.c.state.in_([State.SUCCEEDED, State.NOT_NEEDED])
    last = func.max(trainings.c.ended_at)
    by_model = select(trainings.c.model, last).where(well).group_by(trainings.c.model)
    oldest = select(func.min(trainings.c.created_at)).where(trainings.c.state == State.QUEUED)
    with reading(engine).begin() as connection:
        counts = {State(state): int(count) for state, count in connection.execute(by_state)}
        newest = connection.execute(by_model.order_by(last.desc()).limit(MAX_MODELS))
        return Summary(
            {state: counts.get(state, 0) for state in State},
            {model: float(at) for model, at in newest},
            connection.execute(oldest).scalar(),
        )
