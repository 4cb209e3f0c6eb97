import pytest

from k8s.monitoring.page import with_table
from k8s.monitoring.rules.spec import Alert, Severity

SUMMARY = "Calls of {{ with $labels.model }}model {{ . }}{{ else }}no model{{ end }} fail on {{ $labels.instance }}"
ALERT = Alert("HotshelfX", "up == 0", "5m", Severity.WARNING, SUMMARY, "")


def test_the_table_is_written_anew_and_nothing_else_is_touched() -> None:
    page = with_table("before\n<!-- alerts -->\nold\n<!-- end -->\nafter\n", [ALERT])
    row = "| [HotshelfX](runbooks/HotshelfX.md) | warning | 5m | Calls of model *model* fail on *instance* |\n"
    assert page.startswith("before\n<!-- alerts -->\n| alert |")
    assert page.endswith(row + "<!-- end -->\nafter\n")
    assert with_table(page, [ALERT]) == page


def test_a_page_without_a_place_for_it_is_refused() -> None:
    with pytest.raises(ValueError, match="0 places for the table"):
        with_table("# Monitoring\n", [ALERT])
