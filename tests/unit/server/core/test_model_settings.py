"""Settings of models: what they refuse, and which of them hold."""

from typing import Any

import pytest
from pydantic import ValidationError

from hotshelf_server.core.model_settings import ModelBook, ModelSettings

FEW, MANY = ModelSettings(concurrency=1), ModelSettings(concurrency=9)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"concurency": 1}, "concurency"),
        ({"queue": {"priority_levels": 3}}, "default_priority 5, expected 1 to 3"),
        ({"batching": {"max_rows": 8, "preferred_rows": [9]}}, "preferred_rows 9, expected 1 to 8"),
        ({"batching": {"max_rows": 1}}, "max_rows"),
        ({"versions": "some"}, "versions"),
        ({"versions": {"latest": 0}}, "versions"),
        ({"concurrency": 0}, "concurrency"),
        ({"engine_tolerance": -1e-9}, "engine_tolerance"),
        ({"engine_tolerance": 0.5}, "engine_tolerance"),
        ({"engine_tolerance": float("nan")}, "engine_tolerance"),
    ],
)
def test_what_makes_no_sense_is_refused(values: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        ModelSettings.model_validate(values)


def test_what_an_operator_changed_last_holds_until_the_file_is_read_again() -> None:
    book = ModelBook({"a": FEW, "*": MANY})
    assert (book.of("a"), book.of("b")) == (FEW, MANY)
    book.change("a", MANY)
    assert book.of("a") == MANY
    book.change("a", None)
    assert book.of("a") == FEW
    book.change("a", MANY)
    book.state({"a": FEW})
    assert (book.of("a"), book.of("b")) == (FEW, ModelSettings())
