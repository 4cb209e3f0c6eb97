"""Settings of models are taken over while the server runs."""

import logging
from pathlib import Path

import pytest

from hotshelf_server.core.model_settings import ModelBook
from hotshelf_server.reloading import Reloading
from hotshelf_server.settings import Settings, load_settings


class Bench:
    """A file of settings, and what became of it."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "hotshelf.yaml"
        self.write("concurrency: 1")
        self.book = ModelBook(self.read().model_settings)
        self.reloading = Reloading(self.read(), self.read, self.book.state, self.file)

    def read(self) -> Settings:
        """The settings as they are said now."""
        return load_settings(self.file, {"store": self.file.parent}, {})

    def write(self, of_m: str, more: str = "") -> None:
        """Replace the file, as editors and Kubernetes do."""
        new = self.file.with_suffix(".new")
        new.write_text(f"model_settings: {{m: {{{of_m}}}}}\n{more}\n")
        new.replace(self.file)

    @property
    def concurrency(self) -> int | None:
        """What holds for model m."""
        return self.book.of("m").concurrency


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_a_file_that_changed_is_taken_over(bench: Bench) -> None:
    bench.reloading.look()
    assert bench.concurrency == 1
    bench.write("concurrency: 2")
    bench.reloading.look()
    assert bench.concurrency == 2


def test_who_is_told_reads_also_a_file_that_looks_the_same(bench: Bench) -> None:
    bench.book.change("m", None)
    bench.reloading.reload()
    assert bench.concurrency == 1


@pytest.mark.parametrize("of_m", ["concurrency: none", "conkurrency: 2", "batching: {}"])
def test_a_bad_file_changes_nothing_and_says_why(bench: Bench, caplog: pytest.LogCaptureFixture, of_m: str) -> None:
    bench.write(of_m)
    bench.reloading.look()
    assert bench.concurrency == 1
    assert "the settings were not taken over" in caplog.text
    bench.write("concurrency: 3")
    bench.reloading.look()
    assert bench.concurrency == 3


def test_what_needs_a_restart_is_named(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    bench.write("concurrency: 2", "threads: 3")
    with caplog.at_level(logging.WARNING):
        bench.reloading.look()
    assert "hold from the next start on: threads" in caplog.text
    assert bench.concurrency == 2


def test_a_file_that_is_just_being_replaced_is_looked_at_later(bench: Bench) -> None:
    bench.file.unlink()
    bench.reloading.look()
    assert bench.concurrency == 1
    bench.write("concurrency: 4")
    bench.reloading.look()
    assert bench.concurrency == 4
