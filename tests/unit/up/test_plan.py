"""What `hotshelf up` would run."""

import json
from pathlib import Path

import pytest
import yaml

from hotshelf_cli.main import main
from hotshelf_up.monitoring import artefacts
from hotshelf_up.plan import Plan, Ports, planned

PORTS = Ports(server=1, metrics=2, trainer=3, trainer_metrics=4, prometheus=5, grafana=6)


def tool(folder: Path, name: str) -> None:
    """A program of a name."""
    folder.mkdir(exist_ok=True)
    (folder / name).write_text("#!/bin/sh\n")
    (folder / name).chmod(0o755)


def plan(folder: Path, *tools: str) -> Plan:
    """A plan where only these tools are installed."""
    (folder / "bin").mkdir()
    for name in tools:
        tool(folder / "bin", name)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", str(folder / "bin"))
        return planned(folder / "up", "localhost", PORTS, artefacts())


def test_what_is_not_installed_is_left_out_and_said(tmp_path: Path) -> None:
    found = plan(tmp_path)
    assert [program.name for program in found.programs] == ["trainer", "server"]
    assert [said.split()[0] for said in found.missing] == ["Prometheus", "Grafana"]


def test_server_and_trainer_share_the_store_and_the_command_takes_their_arguments(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    trainer, server = plan(tmp_path).programs
    for program in (trainer, server):
        assert program.command[program.command.index("--store") + 1] == str(tmp_path / "up" / "store")
    assert main([*server.command[3:], "--print-config"]) == 0
    assert yaml.safe_load(capsys.readouterr().out)["metrics_port"] == 2


def test_prometheus_scrapes_both_under_the_jobs_that_the_rules_know_with_the_manifests_rules(tmp_path: Path) -> None:
    found = plan(tmp_path, "prometheus")
    config = yaml.safe_load((tmp_path / "up/prometheus/prometheus.yml").read_text())
    targets = {one["job_name"]: one["static_configs"][0]["targets"] for one in config["scrape_configs"]}
    assert targets == {"hotshelf-server": ["localhost:2"], "hotshelf-trainer": ["localhost:4"]}
    (pattern,) = config["rule_files"]
    assert list(Path(pattern).parent.glob("*.yaml"))
    assert "--enable-feature=exemplar-storage" in found.programs[-1].command


@pytest.mark.parametrize("name", ["grafana", "grafana-server"])
def test_grafana_finds_prometheus_and_every_dashboard(tmp_path: Path, name: str) -> None:
    grafana = plan(tmp_path, name).programs[-1]
    provisioning = Path(grafana.environment["GF_PATHS_PROVISIONING"])
    (source,) = yaml.safe_load((provisioning / "datasources/prometheus.yaml").read_text())["datasources"]
    assert (source["type"], source["url"]) == ("prometheus", "http://localhost:5")
    (provider,) = yaml.safe_load((provisioning / "dashboards/hotshelf.yaml").read_text())["providers"]
    boards = [json.loads(path.read_text())["title"] for path in Path(provider["options"]["path"]).glob("*.json")]
    assert len(boards) == 5
    assert ("server" in grafana.command) == (name == "grafana")
