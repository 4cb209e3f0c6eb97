import pytest

from k8s.monitoring.objectives import FILE, read
from k8s.monitoring.page import with_tables
from k8s.monitoring.rules.spec import Alert, Severity

OBJECTIVES = read(FILE.read_text().replace("availability: 0.999", "availability: 0.9995"))
SUMMARY = "Calls of {{ with $labels.model }}model {{ . }}{{ else }}no model{{ end }} fail on {{ $labels.instance }}"
ALERT = Alert("HotshelfX", "up == 0", "5m", Severity.WARNING, SUMMARY, "")
PAGE = "before\n<!-- objectives -->\n<!-- end -->\nbetween\n<!-- alerts -->\nold\n<!-- end -->\nafter\n"


def test_the_tables_are_written_anew_and_nothing_else_is_touched() -> None:
    page = with_tables(PAGE, OBJECTIVES, [ALERT])
    assert page.startswith("before\n<!-- objectives -->\n| |")
    assert "| `availability` | 99.95 % | of the calls" in page
    assert "| `latency` | 99 % within 0.1 s | of the same" in page
    row = "| [HotshelfX](runbooks/HotshelfX.md) | warning | 5m | Calls of model *model* fail on *instance* |\n"
    assert page.endswith(row + "<!-- end -->\nafter\n")
    assert with_tables(page, OBJECTIVES, [ALERT]) == page


def test_a_page_without_a_place_for_one_is_refused() -> None:
    with pytest.raises(ValueError, match="0 places for a table, expected one between <!-- alerts -->"):
        with_tables(PAGE.replace("<!-- alerts -->", ""), OBJECTIVES, [ALERT])
