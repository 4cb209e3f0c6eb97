"""``hotshelf health`` tells by its exit status what a container's health check wants to know."""

from pathlib import Path

import pytest

from hotshelf_cli.main import main
from hotshelf_store import Store
from tests.fakes.bundles import publish_lightgbm
from tests.integration.conftest import Running, Serve


@pytest.fixture
def running(serve: Serve, store: Store, tmp_path: Path) -> Running:
    publish_lightgbm(store, tmp_path / "bundle")
    return serve()


@pytest.mark.parametrize(
    ("service", "status", "said"),
    [([], 0, "SERVING"), (["hotshelf.Live"], 0, "SERVING"), (["toy"], 0, "SERVING"), (["nobody"], 1, "no model")],
)
def test_a_server_is_asked_for_itself_its_life_or_a_model(
    running: Running, capsys: pytest.CaptureFixture[str], service: list[str], status: int, said: str
) -> None:
    assert main(["health", *service, "--server", running.address, "--timeout", "20"]) == status
    told = capsys.readouterr()
    assert said in told.out + told.err


def test_a_server_that_drains_takes_no_traffic_and_lives(running: Running) -> None:
    running.server.readiness.drain()
    asked = ["--server", running.address, "--timeout", "20"]
    assert (main(["health", *asked]), main(["health", "hotshelf.Live", *asked])) == (1, 0)


def test_nobody_at_the_address_is_told_apart(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["health", "--server", "localhost:1", "--timeout", "5"]) == 3
    assert "localhost:1" in capsys.readouterr().err
