"""Parameters that speak to the server are told from those for the model."""

from typing import Any

import pytest

from hotshelf_server.core.errors import InvalidInput
from hotshelf_server.services.wishes import routing_key, wishes


def test_what_speaks_to_the_server_does_not_reach_the_model() -> None:
    wished = wishes(
        {"priority": 2, "timeout": 1_500, "routing_key": 7, "triton_enable_empty_final_response": True, "k": 5}, 9.0
    )
    assert wished.parameters == {"k": 5}
    assert (wished.patience.priority, wished.patience.timeout_seconds, wished.patience.seconds_left) == (2, 0.0015, 9.0)
    assert (wished.key, wished.empty_final_response) == ("7", True)


def test_who_says_nothing_wishes_nothing() -> None:
    for parameters in ({}, {"priority": 0, "timeout": 0}):
        wished = wishes(parameters, None)
        assert (wished.patience.priority, wished.patience.timeout_seconds, wished.key) == (0, None, None)


@pytest.mark.parametrize("name", ["priority", "timeout"])
@pytest.mark.parametrize("value", [-1, True, 1.0, "1"])
def test_only_whole_numbers_make_a_priority_or_timeout(name: str, value: Any) -> None:
    with pytest.raises(InvalidInput, match=f"parameter '{name}' is .*, expected a whole number from 0 up"):
        wishes({name: value}, None)


@pytest.mark.parametrize("name", ["sequence_id", "sequence_start", "sequence_end"])
def test_what_is_not_served_is_refused_and_not_ignored(name: str) -> None:
    with pytest.raises(InvalidInput, match=name):
        wishes({name: 1}, None)
    assert wishes({name: 0}, None).parameters == {name: 0}


def test_a_routing_key_may_come_as_metadata() -> None:
    assert routing_key((("user-agent", "x"), ("hotshelf-routing-key", "customer 7"))) == "customer 7"
    assert routing_key(()) == ""
