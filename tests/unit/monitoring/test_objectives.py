import pytest
from pydantic import ValidationError

from k8s.monitoring.objectives import FILE, read
from k8s.monitoring.rules.burn import burn_alerts
from k8s.monitoring.rules.files import alerts

TEXT = FILE.read_text()


def test_a_bound_that_is_no_bucket_is_refused() -> None:
    with pytest.raises(ValidationError, match=r"0\.12 is no bucket .* expected one of .*0\.1, 0\.25"):
        read(TEXT.replace("seconds: 0.1}", "seconds: 0.12}"))


def test_a_misspelt_limit_is_refused() -> None:
    with pytest.raises(ValidationError, match="restart_count"):
        read(TEXT.replace("restarts:", "restart_count:"))


def test_a_narrower_objective_lowers_the_limits_of_its_alerts() -> None:
    fast, slow, *_ = burn_alerts(read(TEXT.replace("availability: 0.999", "availability: 0.9999")))
    assert "ratio_rate1h > 0.00144 and" in fast.expr
    assert "ratio_rate3d > 0.0001 and" in slow.expr
    assert "of which 0.01% is allowed" in fast.description


def test_runbooks_are_found_where_the_objectives_say() -> None:
    objectives = read(TEXT.replace("runbooks: docs/runbooks", "runbooks: https://example.org/books/"))
    (alert, *_) = alerts(objectives)["hotshelf.burn"]
    rule = alert.rule(objectives.runbooks)
    assert rule["annotations"]["runbook_url"] == f"https://example.org/books/{alert.name}.md"
