"""Which programs run, with what, and where. Nothing is started here."""

import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from hotshelf_up.monitoring import Artefacts, prometheus_config, provision_grafana
from hotshelf_up.programs import Program

HOTSHELF = (sys.executable, "-m", "hotshelf_cli")
KEPT = "15d"
"""How long Prometheus keeps what it scraped."""

GRAFANA_HOMES = (Path("/usr/share/grafana"), Path("/usr/local/share/grafana"))


class Ports(NamedTuple):
    """Where each listens."""

    server: int = 8500
    metrics: int = 8501
    trainer: int = 8510
    trainer_metrics: int = 8511
    prometheus: int = 9090
    grafana: int = 3000


@dataclass(frozen=True, slots=True)
class Plan:
    """The programs in the order of their start, and what is said of those that are not installed."""

    folder: Path
    programs: Sequence[Program]
    missing: Sequence[str]


def planned(folder: Path, host: str, ports: Ports, artefacts: Artefacts) -> Plan:
    """Make the folders and the files that the programs read. Raises `OSError`."""
    for name in ("store", "data", "work", "logs", "prometheus"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    programs, missing = [_trainer(folder, host, ports), _server(folder, host, ports)], []
    for name, made, tools in (
        ("Prometheus", _prometheus, ("prometheus",)),
        ("Grafana", _grafana, ("grafana", "grafana-server")),
    ):
        tool = next(filter(None, map(shutil.which, tools)), None)
        if tool is None:
            missing.append(f"{name} is not installed ({tools[0]} is not on the PATH): it is left out.")
        else:
            programs.append(made(folder, tool, host, ports, artefacts))
    return Plan(folder, programs, missing)


def _server(folder: Path, host: str, ports: Ports) -> Program:
    where = ("--host", host, "--port", str(ports.server), "--metrics-port", str(ports.metrics))
    command = (*HOTSHELF, "serve", "--store", str(folder / "store"), *where)
    return Program("server", command, f"{host}:{ports.server}", folder / "logs" / "server.log", port=ports.server)


def _trainer(folder: Path, host: str, ports: Ports) -> Program:
    where = ("--host", host, "--port", str(ports.trainer), "--metrics-port", str(ports.trainer_metrics))
    places = ("--store", str(folder / "store"), "--data-root", str(folder / "data"), "--work-dir", str(folder / "work"))
    command = (*HOTSHELF, "trainer", "serve", *places, *where)
    return Program("trainer", command, f"{host}:{ports.trainer}", folder / "logs" / "trainer.log", port=ports.trainer)


def _prometheus(folder: Path, tool: str, host: str, ports: Ports, artefacts: Artefacts) -> Program:
    config = folder / "prometheus" / "prometheus.yml"
    config.write_text(prometheus_config(artefacts.rules, f"{host}:{ports.metrics}", f"{host}:{ports.trainer_metrics}"))
    command = (
        tool,
        f"--config.file={config}",
        f"--storage.tsdb.path={folder / 'prometheus' / 'data'}",
        f"--storage.tsdb.retention.time={KEPT}",
        f"--web.listen-address={host}:{ports.prometheus}",
        "--enable-feature=exemplar-storage",
    )
    where = f"http://{host}:{ports.prometheus}"
    return Program("Prometheus", command, where, folder / "logs" / "prometheus.log", port=ports.prometheus)


def _grafana(folder: Path, tool: str, host: str, ports: Ports, artefacts: Artefacts) -> Program:
    place = folder / "grafana"
    provision_grafana(place / "provisioning", artefacts.dashboards, f"http://{host}:{ports.prometheus}")
    environment: Mapping[str, str] = {
        "GF_PATHS_DATA": str(place / "data"),
        "GF_PATHS_LOGS": str(place / "logs"),
        "GF_PATHS_PLUGINS": str(place / "plugins"),
        "GF_PATHS_PROVISIONING": str(place / "provisioning"),
        "GF_SERVER_HTTP_ADDR": "" if host == "localhost" else host,
        "GF_SERVER_HTTP_PORT": str(ports.grafana),
    }
    home = next((str(one) for one in GRAFANA_HOMES if one.is_dir()), "")
    server = (tool, "server") if Path(tool).name == "grafana" else (tool,)
    command = (*server, *(("--homepath", home) if home else ()))
    where = f"http://{host}:{ports.grafana}"
    return Program("Grafana", command, where, folder / "logs" / "grafana.log", environment, port=ports.grafana)
