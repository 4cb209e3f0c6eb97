"""Rows of the database as values."""

from sqlalchemy import Row

from hotshelf_trainer.jobs.training import Limits, Reason, Spec, State, Training


def training_of(row: Row[tuple[object, ...]]) -> Training:
    """A training."""
    return Training(
        number=row.number,
        spec=Spec.from_json(row.spec),
        model=row.model,
        limits=Limits(row.limit_seconds, row.limit_bytes),
        state=State(row.state),
        attempt=row.attempt,
        created_at=row.created_at,
        reason=Reason(row.reason),
        detail=row.detail,
        last_words=row.last_words,
        request_id=row.request_id or "",
        schedule=row.schedule,
        version=row.version,
        started_at=row.started_at,
        ended_at=row.ended_at,
        cancel_requested=row.cancel_requested,
    )
