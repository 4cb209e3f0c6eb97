"""What is set for a server is divided among its workers where that is what is meant."""

from pathlib import Path

import pytest

from hotshelf_server.settings import Settings
from hotshelf_server.workers.shares import CONNECTION_AGE, share_of


def settings(**values: object) -> Settings:
    return Settings.model_validate({"store": Path("store"), "workers": 3, **values})


@pytest.mark.parametrize(
    ("name", "whole", "share"),
    [
        ("max_calls", 1024, 342),
        ("max_streams", 1, 1),
        ("max_loaded_bytes", 1000, 333),
        ("max_loaded_bytes", 2, 1),
        ("max_loaded_bytes", None, None),
        ("max_loaded", 4, 4),
        ("threads", 8, 8),
        ("max_connection_age", 30, 30),
        ("max_connection_age", 0, CONNECTION_AGE),
    ],
)
def test_share_of_a_worker(name: str, whole: object, share: object) -> None:
    assert getattr(share_of(settings(**{name: whole}), 8500), name) == share


def test_every_worker_has_the_port_that_was_claimed() -> None:
    assert share_of(settings(port=0), 4711).port == 4711
