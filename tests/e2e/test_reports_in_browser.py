"""Reports open in a browser without a word on the console, without a network, and on a phone."""

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from hotshelf_store import open_store
from hotshelf_trainer.progress import Silent
from hotshelf_trainer.recipes import parse
from hotshelf_trainer.training import train
from tests.e2e.browser import Browser
from tests.unit.trainer.recommendation.purchases import generated_file, small_recipe
from tests.unit.trainer.tabular.tables import recipe_of, table

PHONE, DESK = 390, 1100
"""Pixels."""
KEEP = "HOTSHELF_SCREENSHOT"
"""Environment variable: a file for the README's picture."""
SEARCH = {"trials": 4, "space": {"num_leaves": {"low": 2, "high": 31, "whole": True}}}

CLUSTERING = {
    "name": "sizes",
    "task": "clustering",
    "features": {"numeric": ["size", "noise", "value"], "only_named": True},
    "estimator": {"name": "KMeans"},
    "clusters": {"least": 2, "most": 3},
}


@pytest.fixture(scope="module")
def browser() -> Browser:
    found = Browser.found()
    if found is None:
        pytest.skip("no Chromium here to open reports in (Debian: apt-get install chromium)")
    return found


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Mapping[str, Path]:
    """A report of each kind, by its name."""
    folder = tmp_path_factory.mktemp("reports")
    (folder / "store").mkdir()
    table(600).write_parquet(folder / "table.parquet")
    data = {"path": str(folder / "table.parquet")}
    recipes = {
        "classification": recipe_of(
            "classification",
            data=data,
            search=SEARCH,
            diagnosis={"nested": True},
            estimator={"name": "lightgbm", "parameters": {"n_estimators": 60}},
        ),
        "regression": recipe_of("regression", data=data, diagnosis={}),
        "clustering": parse(CLUSTERING | {"data": data}, "clustering"),
        "recommendation": small_recipe(generated_file()),
    }
    for name, recipe in recipes.items():
        again = parse(recipe.model_dump(mode="json"), name)
        report = train(again, open_store(folder / "store"), name, Silent()).report
        (folder / f"{name}.html").write_text(report, encoding="utf-8")
    return {name: folder / f"{name}.html" for name in recipes}


KINDS = ("classification", "regression", "clustering", "recommendation")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_a_report_has_nothing_to_say_on_the_console(
    browser: Browser, reports: Mapping[str, Path], kind: str, *, dark: bool
) -> None:
    assert browser.console(reports[kind], *(["--force-dark-mode"] if dark else [])) == []


@pytest.mark.parametrize("kind", KINDS)
def test_nobody_scrolls_a_report_sideways_on_a_phone(browser: Browser, reports: Mapping[str, Path], kind: str) -> None:
    assert browser.needed_width(reports[kind], PHONE) <= PHONE


def test_a_report_shows_on_a_screen(browser: Browser, reports: Mapping[str, Path], tmp_path: Path) -> None:
    picture = Path(os.environ.get(KEEP, tmp_path / "report.png"))
    browser.shoot(reports["classification"], picture, DESK, 1500)
    assert picture.stat().st_size > 20_000, "an empty page makes a picture of a few thousand bytes"


def test_a_page_that_errs_is_heard(browser: Browser, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text("<script>console.error('spilled')</script>")
    assert any("spilled" in line for line in browser.console(page))


def test_a_report_may_ask_nothing_of_a_network(browser: Browser, reports: Mapping[str, Path], tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    picture = "<img src='http://example.invalid/picture.png'></body>"
    page.write_text(reports["regression"].read_text(encoding="utf-8").replace("</body>", picture))
    assert any("Content Security Policy" in line for line in browser.console(page))


def test_a_page_that_is_too_wide_for_a_phone_is_measured(browser: Browser, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text("<div style='width: 900px'>wide</div>")
    assert browser.needed_width(page, PHONE) > PHONE
