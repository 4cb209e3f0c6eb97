"""The events of trainings: each has its newest ones."""

import json
from dataclasses import asdict

from sqlalchemy import Connection, Engine, delete, func, insert, select, update

from hotshelf_trainer.jobs.database import reading
from hotshelf_trainer.jobs.tables import events, trainings
from hotshelf_trainer.jobs.training import (
    Event,
    Happening,
    LogLine,
    Reason,
    StageProgress,
    State,
    StateChange,
)

MAX_EVENTS = 2_000
"""Events kept of a training."""

KINDS: dict[type[Happening], str] = {StateChange: "state", StageProgress: "stage", LogLine: "log"}


class Events:
    """Adds and reads events. Thread-safe."""

    def __init__(self, engine: Engine, most: int = MAX_EVENTS) -> None:
        """``most``: events kept of a training; the oldest go first."""
        self._engine = engine
        self._reading = reading(engine)
        self._most = most

    def add(self, training: int, at: float, what: Happening) -> None:
        """Add one, in a transaction of its own."""
        with self._engine.begin() as connection:
            self.note(connection, training, at, what)

    def note(self, connection: Connection, training: int, at: float, what: Happening) -> None:
        """Add one as part of a transaction: the training's own row keeps others from taking the same number."""
        counted = update(trainings).where(trainings.c.number == training).values(events=trainings.c.events + 1)
        sequence = connection.execute(counted.returning(trainings.c.events)).scalar_one()
        row = {
            "training": training,
            "sequence": sequence,
            "at": at,
            "kind": KINDS[type(what)],
            "content": json.dumps(asdict(what)),
        }
        connection.execute(insert(events).values(row))
        old = (events.c.training == training) & (events.c.sequence <= sequence - self._most)
        connection.execute(delete(events).where(old))

    def after(self, training: int, sequence: int, most: int) -> list[Event]:
        """At most so many events after a sequence number, in order. Those that are no longer kept are missing."""
        wanted = (events.c.training == training) & (events.c.sequence > sequence)
        query = select(events).where(wanted).order_by(events.c.sequence).limit(most)
        with self._reading.begin() as connection:
            rows = connection.execute(query).all()
        return [Event(row.sequence, row.at, _happening(row.kind, row.content)) for row in rows]

    def count(self, training: int) -> int:
        """Events kept of a training."""
        with self._reading.begin() as connection:
            query = select(func.count()).select_from(events).where(events.c.training == training)
            return int(connection.execute(query).scalar_one())


def _happening(kind: str, content: str) -> Happening:
    parts = json.loads(content)
    match kind:
        case "state":
            return StateChange(State(parts["state"]), parts["attempt"], Reason(parts["reason"]), parts["detail"])
        case "stage":
            return StageProgress(**parts)
        case _:
            return LogLine(**parts)
