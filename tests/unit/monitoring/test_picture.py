from pathlib import Path
from typing import Any

import pytest

from k8s.monitoring.picture import Line, Mark, answered, draw

BOARD = {
    "title": "Fleet",
    "panels": [
        {
            "title": "Traffic",
            "type": "timeseries",
            "fieldConfig": {
                "defaults": {
                    "unit": "percentunit",
                    "custom": {"stacking": {"mode": "normal"}},
                    "thresholds": {"steps": [{"value": None}, {"value": 0.5}]},
                }
            },
            "targets": [{"expr": 'x{model="$model"}', "legendFormat": "v{{version}}"}],
        },
        {"title": "Replicas", "type": "stat", "targets": []},
    ],
}


def ask(path: str, *, query: str, start: float, end: float, step: float) -> Any:
    """A Prometheus that answers one query."""
    assert (path, query, start, end) == ("query_range", 'x{model="shop"}', 100.0, 103.0)
    return {"result": [{"metric": {"version": "2"}, "values": [[100.0, "0.25"], [101.0, "0.75"]]}]}


def test_a_panel_is_asked_by_its_own_query_and_named_by_its_own_legend() -> None:
    picture = answered(ask, BOARD, "Traffic", {"model": "shop"}, (100.0, 103.0))
    assert picture.lines == (Line("v2", (0.0, 1.0), (0.25, 0.75)),)
    assert (picture.unit, picture.stacked, picture.limits) == ("percentunit", True, (0.5,))


def test_a_title_that_no_graph_has_is_told() -> None:
    with pytest.raises(LookupError, match="dashboard 'Fleet' has no graph 'Replicas'"):
        answered(ask, BOARD, "Replicas", {}, (0.0, 1.0))


def test_pictures_become_one_png(tmp_path: Path) -> None:
    picture = answered(ask, BOARD, "Traffic", {"model": "shop"}, (100.0, 103.0))
    draw([picture, picture], [Mark(1.0, "v2")], 3.0, tmp_path / "drawn.png", columns=2)
    assert (tmp_path / "drawn.png").read_bytes().startswith(b"\x89PNG")
