"""Every query of every dashboard has an answer from a real Prometheus that watches a server under traffic."""

import json
import math
import time
import urllib.error
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from k8s.monitoring.generate import COMPONENT
from k8s.monitoring.panels import Asked, asked, choices, substituted
from tests.integration.metrics.prometheus import WAIT, Prometheus
from tests.integration.monitoring.conftest import NAMESPACE, SHOP, TABLE

BOARDS = sorted((COMPONENT / "dashboards").glob("*.json"))
MODELS = {"hotshelf-recommender": SHOP}
"""The model that is chosen, where it isn't the table."""

EVERY = ".*"


def read(path: Path) -> dict[str, Any]:
    board: dict[str, Any] = json.loads(path.read_text())
    return board


def chosen(board: Mapping[str, Any]) -> dict[str, str]:
    """The variables' values, as Grafana has them: one model, and all of everything else."""
    names = {name for name, _, _ in choices(board)}
    values = {name: EVERY for name in names if name != "model"}
    model = {"model": MODELS.get(board["uid"], TABLE)} if "model" in names else {}
    return {**values, **model, "__rate_interval": "5s"}


def complaint(prometheus: Prometheus, query: str) -> str:
    """What is wrong with the answer; empty if nothing is."""
    try:
        found = prometheus.get("query", query=query)["result"]
    except urllib.error.HTTPError as error:
        return str(json.load(error)["error"])
    if not found:
        return "no series"
    return "" if any(math.isfinite(float(one["value"][1])) for one in found) else "no numbers"


def complaints(prometheus: Prometheus, board: Mapping[str, Any]) -> dict[Asked, str]:
    """What is wrong with a dashboard's queries."""
    values = chosen(board)
    told = ((one, complaint(prometheus, substituted(one.expr, values))) for one in asked(board))
    return {one: wrong for one, wrong in told if wrong}


def settled(prometheus: Prometheus, board: Mapping[str, Any]) -> dict[Asked, str]:
    """What is still wrong once rates have had the time to be."""
    deadline = time.monotonic() + WAIT
    while (found := complaints(prometheus, board)) and time.monotonic() < deadline:
        time.sleep(0.2)
    return found


def offered(prometheus: Prometheus, board: Mapping[str, Any]) -> Iterator[tuple[str, list[str]]]:
    """The values that each variable can take."""
    values = chosen(board)
    for name, selector, label in choices(board):
        yield name, prometheus.get(f"label/{label}/values", **{"match[]": substituted(selector, values)})


@pytest.mark.parametrize("path", BOARDS, ids=lambda path: path.stem)
def test_every_panel_has_an_answer(watched: Prometheus, path: Path) -> None:
    assert settled(watched, read(path)) == {}


@pytest.mark.parametrize("path", BOARDS, ids=lambda path: path.stem)
def test_every_variable_offers_what_there_is(watched: Prometheus, path: Path) -> None:
    board = read(path)
    values = dict(offered(watched, board))
    assert values["namespace"] == [NAMESPACE]
    if "model" in values:
        assert values["model"] == ([SHOP] if board["uid"] in MODELS else [SHOP, TABLE])
    if "version" in values:
        assert values["version"] == ["1", "2", "3"]


@pytest.mark.parametrize("path", BOARDS, ids=lambda path: path.stem)
def test_events_are_understood_though_none_may_have_happened(watched: Prometheus, path: Path) -> None:
    board = read(path)
    for one in board["annotations"].get("list", ()):
        assert complaint(watched, substituted(one["expr"], chosen(board))) in ("", "no series")


PLANTED = {
    "a metric": ("hotshelf_calls_total", "hotshelf_call_total"),
    "a label's value": ('method=~"', 'method=~"x'),
    "PromQL": ("sum by (", "sum by model ("),
    "a name of a label": ("by (version, le)", "by (version)"),
}


@pytest.mark.parametrize("planted", PLANTED, ids=lambda planted: planted.replace(" ", "-"))
def test_a_typo_would_be_found(watched: Prometheus, planted: str) -> None:
    (path,) = (path for path in BOARDS if path.stem == "hotshelf-rollout")
    right, wrong = PLANTED[planted]
    board = read(path)
    assert settled(watched, board) == {}
    targets = [target for panel in board["panels"] for target in panel.get("targets", ()) if right in target["expr"]]
    assert targets
    targets[0]["expr"] = targets[0]["expr"].replace(right, wrong)
    (found,) = complaints(watched, board)
    assert found.expr == targets[0]["expr"]
