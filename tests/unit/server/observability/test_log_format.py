"""What a line of the log holds, and what it never does."""

import json
import logging

import pytest

from hotshelf_server.observability.log_format import Form, formatter

PRIVATE = "4111-1111-1111-1111"


def record(message: str = "hello %s", /, **more: object) -> logging.LogRecord:
    made = logging.LogRecord("hotshelf.x", logging.WARNING, "file.py", 3, message, ("you",), None)
    made.created = 1_700_000_000.25
    made.__dict__.update(more)
    return made


def failed() -> logging.LogRecord:
    """A record with an exception that quotes what a caller sent."""
    with pytest.raises(KeyError) as caught:
        stumble()
    return record(exc_info=(caught.type, caught.value, caught.tb))


def stumble() -> None:
    try:
        float(PRIVATE)
    except ValueError as error:
        raise KeyError(PRIVATE) from error


def test_json_has_one_object_a_line_with_the_fields_of_the_message() -> None:
    line = formatter("json").format(record(fields={"code": "OK", "rows": 3}))
    assert "\n" not in line
    assert json.loads(line) == {
        "time": "2023-11-14T22:13:20.250Z",
        "level": "WARNING",
        "logger": "hotshelf.x",
        "message": "hello you",
        "code": "OK",
        "rows": 3,
    }


def test_text_has_the_fields_behind_the_message() -> None:
    line = formatter("text").format(record(fields={"code": "OK", "rows": 3}))
    assert line.endswith("WARNING hotshelf.x: hello you code=OK rows=3")


@pytest.mark.parametrize("form", ["text", "json"])
def test_of_an_exception_the_types_and_places_are_told_and_not_what_it_quotes(
    form: Form, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        line = formatter(form).format(failed())
    assert PRIVATE not in line
    assert "builtins.ValueError" in line
    assert line.index("ValueError") < line.index("which led to") < line.index("KeyError")
    assert "test_log_format.py" in line


@pytest.mark.parametrize("form", ["text", "json"])
def test_while_debugging_the_message_is_told_too(form: Form, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        assert PRIVATE in formatter(form).format(failed())


def test_a_line_stays_one_whatever_is_in_it() -> None:
    line = formatter("json").format(record("two\nlines\x00 %s", fields={"request_id": 'a"\n'}))
    assert json.loads(line)["request_id"] == 'a"\n'
    assert "\n" not in line
