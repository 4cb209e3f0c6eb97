import json
from typing import Any

import pytest

from k8s.monitoring.catalogue import known
from k8s.monitoring.dashboards.boards import boards
from k8s.monitoring.dashboards.build import as_json
from k8s.monitoring.dashboards.spec import Board, Look, Panel, Query, Row
from k8s.monitoring.objectives import FILE, read

READY = Panel(
    "Ready",
    (Query("sum by (model) (hotshelf_ready)", "{{model}}"), Query("up")),
    ("hotshelf_ready",),
    note="Of all.",
    alerts=("HotshelfNoReadyServer",),
    limits=(1, 2),
)
TABLE = Panel("Table", (Query("up"),), (), look=Look.TABLE, note="All.")
BOARD = Board("a", "A", "About.", (), (Row("Now", (READY, TABLE)),))


def made(runbooks: str = "docs/runbooks") -> Any:
    return json.loads(as_json(BOARD, runbooks))


def test_equal_dashboards_are_written_alike() -> None:
    first, second = (list(boards(read(FILE.read_text()))) for _ in range(2))
    assert [as_json(board, "x") for board in first] == [as_json(board, "x") for board in second]


def test_a_panel_says_what_the_catalogue_says_and_which_runbooks_help() -> None:
    (_, panel, _) = made()["panels"]
    told = known()["hotshelf_ready"]
    assert panel["description"] == (
        f"Of all.\n\n`hotshelf_ready`: {told.help}\n\nWhen it looks wrong: {told.action}\n\n"
        "Runbooks: [HotshelfNoReadyServer](docs/runbooks/HotshelfNoReadyServer.md)"
    )


def test_a_metric_that_nobody_exports_can_t_be_described() -> None:
    board = Board("a", "A", "", (), (Row("Now", (Panel("X", (Query("x"),), ("hotshelf_nothing",)),)),))
    with pytest.raises(KeyError, match="hotshelf_nothing"):
        as_json(board, "x")


def test_a_path_is_no_link_but_a_url_is() -> None:
    assert [link["title"] for link in made()["links"]] == ["Hotshelf"]
    (_, books) = made("https://example.org/books")["links"]
    assert (books["title"], books["url"]) == ("Runbooks", "https://example.org/books")


def test_limits_turn_yellow_and_red() -> None:
    (_, panel, _) = made()["panels"]
    steps = panel["fieldConfig"]["defaults"]["thresholds"]["steps"]
    assert [(step["value"], step["color"]) for step in steps] == [(None, "green"), (1, "yellow"), (2, "red")]


def test_series_of_a_model_lead_to_its_dashboard() -> None:
    (_, panel, table) = made()["panels"]
    (link,) = panel["fieldConfig"]["defaults"]["links"]
    assert link["url"].startswith("/d/hotshelf-model?var-model=")
    assert "links" not in table["fieldConfig"]["defaults"]


def test_a_table_asks_for_now_and_a_graph_for_a_span() -> None:
    (_, panel, table) = made()["panels"]
    assert [(one["refId"], one["range"]) for one in panel["targets"]] == [("A", True), ("B", True)]
    assert [(one["instant"], one["format"]) for one in table["targets"]] == [(True, "table")]
