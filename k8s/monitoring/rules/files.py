"""The rules as Prometheus reads them from files, and as its operator reads them from Kubernetes."""

from collections.abc import Iterable, Mapping
from typing import Any

import yaml

from k8s.monitoring.objectives import Objectives
from k8s.monitoring.rules.burn import burn_alerts
from k8s.monitoring.rules.models import model_alerts
from k8s.monitoring.rules.recording import red, slo
from k8s.monitoring.rules.serving import serving_alerts
from k8s.monitoring.rules.spec import Alert, Recording
from k8s.monitoring.rules.training import training_alerts

Group = Mapping[str, Any]
HEAD = "# Made by `make monitoring` from k8s/monitoring. Do not edit.\n"


def recordings(objectives: Objectives) -> Mapping[str, tuple[Recording, ...]]:
    """By group. What a rule needs of its own group stands before it."""
    return {"hotshelf.calls": tuple(red()), "hotshelf.objectives": tuple(slo(objectives))}


def alerts(objectives: Objectives) -> Mapping[str, tuple[Alert, ...]]:
    """By group."""
    return {
        "hotshelf.burn": tuple(burn_alerts(objectives)),
        "hotshelf.serving": tuple(serving_alerts(objectives.limits)),
        "hotshelf.models": tuple(model_alerts(objectives.limits)),
        "hotshelf.training": tuple(training_alerts(objectives.limits)),
    }


def rule_files(objectives: Objectives) -> Mapping[str, list[Group]]:
    """The groups of each file, by the file's name."""
    recorded = [_group(name, [one.rule() for one in rules]) for name, rules in recordings(objectives).items()]
    found = {"recording.yaml": recorded}
    for name, rules in alerts(objectives).items():
        found[f"{name.removeprefix('hotshelf.')}.yaml"] = [
            _group(name, [one.rule(objectives.runbooks) for one in rules])
        ]
    return found


def as_file(groups: Iterable[Group]) -> str:
    """A rule file."""
    return HEAD + dump({"groups": list(groups)})


def as_resource(groups: Iterable[Group]) -> str:
    """A PrometheusRule of all groups."""
    resource = {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PrometheusRule",
        "metadata": {"name": "hotshelf", "labels": {"app.kubernetes.io/part-of": "hotshelf"}},
        "spec": {"groups": list(groups)},
    }
    return HEAD + dump(resource)


def dump(value: object) -> str:
    """YAML in the order given, with long texts in blocks."""
    return yaml.dump(value, Dumper=_Dumper, sort_keys=False, width=1000, allow_unicode=True)


def _group(name: str, rules: list[Mapping[str, Any]]) -> Group:
    return {"name": name, "rules": rules}


class _Dumper(yaml.SafeDumper):
    """Writes texts of several lines as blocks."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)
