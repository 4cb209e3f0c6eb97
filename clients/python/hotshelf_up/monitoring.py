"""Rules and dashboards, as Kubernetes gets them, and the files that tell Prometheus and Grafana where they are."""

import json
from dataclasses import dataclass
from pathlib import Path

INSTALLED = Path(__file__).parent / "artefacts"
CHECKOUT = Path(__file__).parents[3] / "k8s" / "components" / "monitoring"


@dataclass(frozen=True, slots=True)
class Artefacts:
    """Folders of rule files and of dashboards."""

    rules: Path
    dashboards: Path


def artefacts() -> Artefacts:
    """Those of the distribution; in a checkout, those of the manifests. Raises `OSError` where there are none."""
    for folder in (INSTALLED, CHECKOUT):
        if (folder / "rules").is_dir():
            return Artefacts(folder / "rules", folder / "dashboards")
    raise FileNotFoundError(f"the distribution lacks its rules and dashboards; expected them in {INSTALLED}")


def prometheus_config(rules: Path, server: str, trainer: str) -> str:
    """For metrics at these addresses. JSON is YAML, too."""
    jobs = {"hotshelf-server": server, "hotshelf-trainer": trainer}
    content = {
        "global": {"scrape_interval": "5s", "evaluation_interval": "5s"},
        "rule_files": [str(rules / "*.yaml")],
        "scrape_configs": [
            {"job_name": job, "static_configs": [{"targets": [target]}]} for job, target in jobs.items()
        ],
    }
    return json.dumps(content, indent=2) + "\n"


def provision_grafana(folder: Path, dashboards: Path, prometheus: str) -> None:
    """Write the files by which Grafana finds the dashboards and Prometheus, below a folder."""
    source = {
        "name": "Prometheus",
        "type": "prometheus",
        "access": "proxy",
        "url": prometheus,
        "isDefault": True,
    }
    provider = {"name": "hotshelf", "folder": "Hotshelf", "type": "file", "options": {"path": str(dashboards)}}
    files = {
        "datasources/prometheus.yaml": {"apiVersion": 1, "datasources": [source]},
        "dashboards/hotshelf.yaml": {"apiVersion": 1, "providers": [provider]},
    }
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content, indent=2) + "\n")
