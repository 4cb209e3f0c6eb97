import pytest

from k8s.monitoring.promql import series_of

QUERIES = {
    "up": {"up"},
    'sum by (model, code) (rate(calls_total{code!="up", model=~"$model"}[$__rate_interval]))': {"calls_total"},
    'a:b:rate5m{x="}"} > 0.5 and on (model) (info{alias="champion"} offset 5m)': {"a:b:rate5m", "info"},
    "x / on (pod) group_left () max by (pod) (y) or absent(z) unless 1e3": {"x", "y", "z"},
    'label_replace(x, "a", "$1", "b", "(.*)") * 0 ': {"x"},
    "histogram_quantile(0.99, sum by (le) (rate(h_bucket[5m])))": {"h_bucket"},
    "time() - seen > bool 5": {"seen"},
}


@pytest.mark.parametrize(("query", "names"), QUERIES.items())
def test_series_are_told_from_functions_labels_and_texts(query: str, names: set[str]) -> None:
    assert series_of(query) == names
