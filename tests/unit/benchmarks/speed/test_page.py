"""The page and its plot show the figures that are kept."""

import re
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from tests.benchmarks.speed.cells import CELLS
from tests.benchmarks.speed.figures import read
from tests.benchmarks.speed.page import FIGURES as KEPT
from tests.benchmarks.speed.page import MODELS, PAGE, PLOT, TIMES, page, parts
from tests.benchmarks.speed.plot import PANELS, drawn
from tests.benchmarks.speed.summary import README, readme, summary
from tests.unit.benchmarks.speed.kept import FIGURES


def test_page_shows_the_kept_figures() -> None:
    text = PAGE.read_text()
    assert page(text, read(KEPT)) == text


def test_plot_shows_the_kept_figures() -> None:
    assert PLOT.read_text() == drawn(read(KEPT))


def test_readme_shows_the_kept_figures() -> None:
    text = README.read_text()
    assert readme(text, read(KEPT)) == text


def test_the_summary_has_whoever_was_measured_throughout_and_the_fastest_first() -> None:
    lines = list(summary(read(KEPT)))[2:]
    calls = [float(line.split("|")[2].replace(",", "")) for line in lines]
    assert len(lines) > 2
    assert calls == sorted(calls, reverse=True)


def test_how_far_rounds_differ_is_told() -> None:
    several = [
        replace(FIGURES.speeds[0], rates=[100.0, 150.0]),
        replace(FIGURES.speeds[1], rates=[100.0, 110.0, 120.0]),
    ]
    text = "\n".join(parts(replace(FIGURES, speeds=several))["machine"])
    assert "differ by a factor of 1.50 usually, and of 1.50 at most" in text


def test_page_without_marks_is_refused() -> None:
    with pytest.raises(ValueError, match="expected <!-- begin machine -->"):
        page("no marks", FIGURES)


def test_the_kept_figures_tell_no_folder_of_the_machine() -> None:
    assert not re.search(r"(?<![\w/])/(home|root|tmp|work|usr|opt)\b", KEPT.read_text())


def test_tables_have_the_fastest_first_and_ours_beside_each() -> None:
    rows = [line for line in parts(FIGURES)["cells"] if line.startswith("| `")]
    assert rows[0].startswith("| `hotshelf-2` | 30,000 |")
    assert rows[1].startswith("| `triton` | 10,000 |")
    assert rows[1].endswith(f"| 3.00 {TIMES} |")


def test_batches_are_told_in_rows() -> None:
    assert any(line.startswith("| `triton` | 1,000 | 32,000 |") for line in parts(FIGURES)["cells"])


def test_what_does_not_count_is_told() -> None:
    lines = parts(FIGURES)["cells"]
    assert "- `mlserver`, `trees-b1-c64`: some were refused" in lines
    assert "- `kserve`, trees: it did not start" in lines


def test_each_bar_says_whether_it_is_reached() -> None:
    lines = parts(FIGURES)["bars"]
    assert any("trees-b1-c64" in line and f"| 3.00 {TIMES} | reached |" in line for line in lines)
    assert any("trees-b32-c16" in line and f"| 2.00 {TIMES} | **not reached** |" in line for line in lines)


def test_every_model_is_described_and_every_panel_measured() -> None:
    assert set(MODELS) == {cell.model for cell in CELLS}
    assert set(PANELS) <= {cell.name for cell in CELLS}


def test_plot_has_a_bar_for_each_server_as_long_as_it_is_fast() -> None:
    root = ET.fromstring(drawn(FIGURES))  # noqa: S314 - drawn here
    widths = [float(one.attrib["width"]) for one in root.iter("{http://www.w3.org/2000/svg}rect")]
    assert len(widths) == 4
    assert widths[1] == pytest.approx(widths[0] / 3, abs=0.1)
    assert drawn(replace(FIGURES, speeds=[])).count("<rect") == 0
