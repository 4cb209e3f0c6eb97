"""Opens the jobs' database: SQLite in a file, or PostgreSQL. One trainer has it at a time."""

import fcntl
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, insert, make_url, select, text
from sqlalchemy.exc import ArgumentError, OperationalError, SQLAlchemyError

from hotshelf_trainer.jobs import tables
from hotshelf_trainer.jobs.errors import DatabaseUnavailable

BUSY_SECONDS = 30.0
"""How long SQLite waits for another writer."""

ADVISORY_LOCK = 0x686F7473
"""Key of the lock that says whose a PostgreSQL database is ("hots")."""

READS = "hotshelf_reads"
"""Execution option of connections that only read: SQLite then needn't keep others from writing."""


@contextmanager
def open_database(address: str) -> Iterator[Engine]:
    """The engine of a database with its tables, for as long as the context lasts.

    ``address``: ``sqlite:///FILE`` or ``postgresql://USER:PASSWORD@HOST/DATABASE``. Raises `DatabaseUnavailable` for
    any other, for one that can't be reached, that another trainer has, or that another release has made.
    """
    url = _url(address)
    shown = url.render_as_string(hide_password=True)
    try:
        engine = _engine(url)
        try:
            with _mine(engine, url, shown):
                _prepare(engine, shown)
                yield engine
        finally:
            engine.dispose()
    except OperationalError as error:
        raise DatabaseUnavailable(f"database {shown}: {error.orig}") from error


def reading(engine: Engine) -> Engine:
    """The same engine, for reading alone."""
    return engine.execution_options(**{READS: True})


def _url(address: str) -> URL:
    try:
        url = make_url(address)
    except ArgumentError:
        raise DatabaseUnavailable(
            f"database {address!r}: expected sqlite:///FILE or postgresql://USER@HOST/NAME"
        ) from None
    kind = url.get_backend_name()
    if kind == "sqlite" and url.database not in {None, "", ":memory:"}:
        return url.set(drivername="sqlite")
    if kind == "postgresql":
        return url.set(drivername="postgresql+psycopg")
    shown = url.render_as_string(hide_password=True)
    raise DatabaseUnavailable(f"database {shown!r}: expected sqlite:///FILE or postgresql://USER@HOST/NAME")


def _engine(url: URL) -> Engine:
    if url.get_backend_name() == "postgresql":
        return create_engine(url, pool_pre_ping=True)
    engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS})
    event.listen(engine, "connect", _write_ahead)
    event.listen(engine, "begin", _begin)
    return engine


def _write_ahead(connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = None  # the driver's own transactions begin too late; `_begin` has them
    connection.execute("PRAGMA journal_mode = WAL")


def _begin(connection: Connection) -> None:
    """A transaction that turns from reading to writing may find that it can't; so those that write say so at once."""
    reads = connection.get_execution_options().get(READS, False)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


@contextmanager
def _mine(engine: Engine, url: URL, shown: str) -> Iterator[None]:
    """Keep other trainers out: each takes running trainings that it doesn't know for lost."""
    taken = DatabaseUnavailable(f"database {shown}: another trainer has it; give each a database of its own")
    if url.get_backend_name() == "sqlite":
        with locked(Path(f"{url.database}.lock"), taken):
            yield
        return
    with engine.connect() as held:
        if not held.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": ADVISORY_LOCK}).scalar():
            raise taken
        held.commit()  # the lock is the session's; an open transaction would keep old rows from being cleared away
        yield


@contextmanager
def locked(path: Path, taken: Exception) -> Iterator[None]:
    """Hold a file's lock. The system gives it back when the process ends, however that happens. Raises ``taken``."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("a")
    except OSError as error:
        raise DatabaseUnavailable(f"{path}: {error.strerror or error}") from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise taken from None
        yield


def _prepare(engine: Engine, shown: str) -> None:
    tables.metadata.create_all(engine)
    with engine.begin() as connection:
        found = connection.execute(select(tables.layout.c.layout)).scalar()
        if found is None:
            connection.execute(insert(tables.layout).values(layout=tables.LAYOUT))
        elif found != tables.LAYOUT:
            raise DatabaseUnavailable(
                f"database {shown}: made by another release (layout {found}, expected {tables.LAYOUT}); give another"
            )


TROUBLE = SQLAlchemyError
"""What a database that has gone raises in the middle of the work."""
