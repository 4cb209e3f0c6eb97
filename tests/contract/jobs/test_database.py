"""Databases are opened by one trainer at a time, and refused with a reason."""

from pathlib import Path

import pytest
from sqlalchemy import update

from hotshelf_trainer.jobs import tables
from hotshelf_trainer.jobs.database import open_database
from hotshelf_trainer.jobs.errors import DatabaseUnavailable


def opened(url: str) -> None:
    with open_database(url):
        pass


def test_a_database_has_one_trainer_at_a_time(url: str) -> None:
    with open_database(url), pytest.raises(DatabaseUnavailable, match="another trainer has it"):
        opened(url)
    opened(url)


def test_a_database_of_another_release_is_refused(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'jobs.sqlite'}"
    with open_database(url) as engine, engine.begin() as connection:
        connection.execute(update(tables.layout).values(layout=99))
    with pytest.raises(DatabaseUnavailable, match="layout 99, expected 1"):
        opened(url)


@pytest.mark.parametrize("bad", ["jobs.sqlite", "mysql://ann:secret@host/db", "sqlite://", "sqlite:///:memory:", ""])
def test_what_is_no_address_of_a_database_is_refused(bad: str) -> None:
    with pytest.raises(DatabaseUnavailable, match="expected sqlite:///FILE or postgresql://") as refusal:
        opened(bad)
    assert "secret" not in str(refusal.value)


def test_a_database_that_cannot_be_reached_is_named_without_its_password(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnavailable, match="postgresql") as refusal:
        opened(f"postgresql://ann:secret@/db?host={tmp_path}")
    assert "secret" not in str(refusal.value)
