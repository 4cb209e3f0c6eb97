import pytest

from k8s.monitoring.panels import Asked, asked, choices, substituted

BOARD = {
    "panels": [
        {"title": "Now", "type": "row", "panels": []},
        {"title": "Calls", "targets": [{"expr": "a", "legendFormat": "{{model}}"}, {"expr": "b"}]},
    ],
    "templating": {
        "list": [
            {"type": "datasource", "name": "datasource", "query": "prometheus"},
            {"type": "query", "name": "model", "query": 'label_values(up{job=~"a,b"}, model)'},
        ]
    },
}


def test_every_target_of_every_panel_is_asked() -> None:
    assert list(asked(BOARD)) == [Asked("Calls", "a", "{{model}}"), Asked("Calls", "b", "")]


def test_variables_are_asked_for_the_values_of_a_label() -> None:
    assert list(choices(BOARD)) == [("model", 'up{job=~"a,b"}', "model")]


def test_a_variable_that_asks_otherwise_is_refused() -> None:
    board = {"templating": {"list": [{"type": "query", "name": "x", "query": "metrics(up)"}]}}
    with pytest.raises(ValueError, match="is no label_values"):
        list(choices(board))


def test_variables_are_put_in_in_each_of_grafana_s_forms() -> None:
    query = 'rate(a{b=~"$b",c=~"${b}|${b:regex}"}[$__rate_interval])'
    assert substituted(query, {"b": "x", "__rate_interval": "5s"}) == 'rate(a{b=~"x",c=~"x|x"}[5s])'


def test_a_variable_without_a_value_is_told() -> None:
    with pytest.raises(KeyError, match="nothing"):
        substituted("$nothing", {})
