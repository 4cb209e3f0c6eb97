"""The tables of the jobs' database, the same in SQLite and PostgreSQL."""

from sqlalchemy import BigInteger, Boolean, Column, Double, Index, Integer, MetaData, String, Table, Text

LAYOUT = 1
"""Counts changes of the tables. A database of another layout is refused."""

NUMBER = BigInteger().with_variant(Integer, "sqlite")
"""SQLite counts up only what it calls INTEGER."""

metadata = MetaData()

layout = Table("layout", metadata, Column("layout", Integer, primary_key=True))

trainings = Table(
    "trainings",
    metadata,
    Column("number", NUMBER, primary_key=True, autoincrement=True),
    Column("request_id", String(128), unique=True),
    Column("digest", String(64), nullable=False),
    Column("spec", Text, nullable=False),
    Column("model", String(128), nullable=False),
    Column("limit_seconds", Double, nullable=False),
    Column("limit_bytes", BigInteger, nullable=False),
    Column("state", String(16), nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("reason", String(32), nullable=False),
    Column("detail", Text, nullable=False),
    Column("last_words", Text, nullable=False),
    Column("schedule", NUMBER, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("started_at", Double),
    Column("ended_at", Double),
    Column("cancel_requested", Boolean, nullable=False),
    Column("events", BigInteger, nullable=False),
    Index("trainings_by_state", "state", "number"),
    Index("trainings_by_model", "model", "number"),
    sqlite_autoincrement=True,
)
"""``request_id`` is null where there was none; ``events`` is the sequence number of the newest event."""

events = Table(
    "events",
    metadata,
    Column("training", NUMBER, primary_key=True, autoincrement=False),
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Double, nullable=False),
    Column("kind", String(8), nullable=False),
    Column("content", Text, nullable=False),
)

schedules = Table(
    "schedules",
    metadata,
    Column("number", NUMBER, primary_key=True, autoincrement=True),
    Column("request_id", String(128), unique=True),
    Column("digest", String(64), nullable=False),
    Column("spec", Text, nullable=False),
    Column("cron", String(200), nullable=False),
    Column("catch_up_seconds", Double, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("seen", Double, nullable=False),
    Column("last_training", NUMBER, nullable=False),
    sqlite_autoincrement=True,
)
"""``seen``: the moment up to which the schedule's times were dealt with."""
