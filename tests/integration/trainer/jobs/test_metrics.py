"""What a trainer that serves tells Prometheus."""

import shutil
import subprocess
import urllib.request
from dataclasses import replace
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from hotshelf_client.training_specs import TrainingSpec
from hotshelf_client.trainings import TrainingClient
from hotshelf_trainer.jobs.errors import PortTaken
from hotshelf_trainer.jobs.metrics import TRAINER_METRICS
from hotshelf_trainer.jobs.serving import Settings, Trainer, trainer
from tests.integration.trainer.jobs.conftest import RECIPE, start

OURS = "hotshelf_"


def scraped(served: Trainer) -> str:
    with urllib.request.urlopen(f"http://localhost:{served.metrics_port}/metrics") as answer:
        text: str = answer.read().decode()
    return text


def values(text: str) -> dict[tuple[str, tuple[str, ...]], float]:
    """By name and label values."""
    return {
        (sample.name, tuple(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_a_scrape_has_the_catalogue_and_what_happened(settings: Settings) -> None:
    with trainer(settings) as served, TrainingClient(f"localhost:{served.port}", timeout=20) as client:
        for what in ("succeed", "fail"):
            number = start(client, what)
            list(client.watch(number))
        client.create_schedule(TrainingSpec(RECIPE), "0 4 * * *")
        text = scraped(served)
    found = values(text)
    assert found["hotshelf_trainings", ("SUCCEEDED",)] == 1
    assert found["hotshelf_trainings_ended_total", ("succeed", "SUCCEEDED")] == 1
    assert found["hotshelf_trainings_ended_total", ("fail", "FAILED")] == 1
    assert found["hotshelf_training_duration_seconds_count", ("fail",)] == 1
    assert found["hotshelf_training_success_timestamp_seconds", ("succeed",)] > 1.6e9
    assert found["hotshelf_training_waiting_seconds", ()] == 0
    assert found["hotshelf_schedule_next_timestamp_seconds", ("1",)] > 1.6e9
    families = {family.name: family for family in text_string_to_metric_families(text)}
    assert {name for name in families if name.startswith(OURS)} == {
        metric.name + ("_info" if metric.kind == "info" else "") for metric in TRAINER_METRICS
    }
    for metric in TRAINER_METRICS:
        if metric.kind != "info":
            assert families[metric.name].type == metric.kind
            assert families[metric.name].documentation == metric.help


def test_promtool_has_nothing_to_complain_of(settings: Settings) -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("no promtool: install Prometheus")
    with trainer(settings) as served:
        text = scraped(served)
    told = subprocess.run([promtool, "check", "metrics"], input=text, capture_output=True, text=True, check=False)
    assert (told.returncode, told.stdout, told.stderr) == (0, "", "")


def test_a_taken_metrics_port_is_refused_and_leaves_the_other_free(settings: Settings, tmp_path: Path) -> None:
    with trainer(settings) as first:
        other = replace(settings, work_dir=tmp_path / "other", metrics_port=first.metrics_port)
        with pytest.raises(PortTaken, match="try another port"), trainer(other):
            pass
