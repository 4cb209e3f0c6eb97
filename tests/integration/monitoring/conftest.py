"""Two replicas under traffic and a trainer, watched by a real Prometheus with our rules."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from hotshelf_client.training_specs import TrainingSpec
from hotshelf_client.trainings import TrainingClient
from hotshelf_store import Store, open_store
from hotshelf_trainer.jobs.serving import trainer
from k8s.monitoring.generate import COMPONENT
from tests.fakes.profiled import publish_profiled
from tests.fakes.recommenders import publish_recommender
from tests.integration.conftest import serving, wait_until
from tests.integration.metrics.prometheus import Prometheus, program, scraping
from tests.integration.monitoring.traffic import calling
from tests.integration.trainer.jobs.conftest import RECIPE, settings_in, start

TABLE, SHOP = "table", "shop"
NAMESPACE = "hotshelf"

REPLICAS = 2
WAITS = {TABLE: {"batching": {"max_rows": 64, "max_delay_seconds": 0.02}}}
"""Calls of the table wait for others, so that an impatient one that joins them is given up."""


def published(folder: Path) -> Store:
    """Two models; of the table, version 2 has a tenth of the champion's traffic and version 3 is its shadow."""
    (folder / "store").mkdir()
    store = open_store(folder / "store")
    for trees in (3, 4, 5):
        publish_profiled(store, folder / f"table-{trees}", TABLE, trees)
    store.set_alias(TABLE, "champion", {1: 90, 2: 10}, force=True, reason="canary")
    store.set_alias(TABLE, "shadow", {3: 1}, force=True, reason="trial")
    publish_recommender(store, folder / "shop", SHOP)
    return store


def config(ports: Mapping[str, Sequence[int]]) -> dict[str, object]:
    """Of a Prometheus that scrapes these jobs' ports, as its operator would in a namespace, with our rules."""
    labels = {"namespace": NAMESPACE}
    jobs = [
        {"job_name": job, "static_configs": [{"targets": [f"localhost:{port}" for port in found], "labels": labels}]}
        for job, found in ports.items()
    ]
    return {"scrape_configs": jobs, "rule_files": [str(path) for path in (COMPONENT / "rules").glob("*.yaml")]}


@pytest.fixture(scope="package")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    program("prometheus")
    folder = tmp_path_factory.mktemp("watched")
    published(folder)
    with (
        serving(store=folder / "store", model_settings=WAITS) as first,
        serving(store=folder / "store", model_settings=WAITS) as second,
        calling(first.address, TABLE, SHOP),
        calling(second.address, TABLE, SHOP),
        trainer(settings_in(tmp_path_factory.mktemp("trainer"))) as trains,
        TrainingClient(f"localhost:{trains.port}", timeout=20) as client,
    ):
        servers = [running.server.metrics.port for running in (first, second)]
        ports = {"hotshelf-server": servers, "hotshelf-trainer": [trains.metrics_port]}
        with scraping(folder, "", config=config(ports)) as prometheus:
            wait_until(lambda: prometheus.value("sum(hotshelf_ready)") == REPLICAS)
            client.create_schedule(TrainingSpec(RECIPE), "0 4 * * *")
            for what in ("succeed", "fail"):
                list(client.watch(start(client, what)))
            # Growth shows from the first scrape on.
            wait_until(lambda: prometheus.value('hotshelf_trainings_ended_total{model="succeed",state="SUCCEEDED"}'))
            list(client.watch(start(client, "succeed")))
            yield prometheus
