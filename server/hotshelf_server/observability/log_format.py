"""How messages are written: in text for people, in JSON for machines. Neither writes what callers sent.

The message of an exception may quote the value that it stumbled over, which may be a secret of a caller's. So of an
exception that ended a call, the log has the types and the places, and the message only while debugging.
"""

import json
import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Literal

from hotshelf_server.core.discretion import told

Form = Literal["text", "json"]

FIELDS = "fields"
"""The attribute of a record that holds what a message says in parts: ``log.info(…, extra={FIELDS: {…}})``."""

TEXT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


class _Discreet(logging.Formatter):
    def formatException(self, ei: Any) -> str:  # noqa: N802 - the interface of logging
        """The chain of exceptions, the oldest first: places and types."""
        if logging.getLogger().isEnabledFor(logging.DEBUG):
            return super().formatException(ei)
        return told(ei[1]) if ei[1] is not None else ""


class TextFormatter(_Discreet):
    """One line, with the fields of the message at its end, and more lines for an exception."""

    def __init__(self) -> None:
        super().__init__(TEXT)

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - as above
        """The line."""
        return " ".join(
            [super().formatMessage(record), *(f"{name}={value}" for name, value in _fields(record).items())]
        )


class JsonFormatter(_Discreet):
    """One object a line: ``time`` (RFC 3339, UTC), ``level``, ``logger``, ``message``, the fields of the message, and
    ``exception`` where there is one."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        at = datetime.fromtimestamp(record.created, UTC)
        content = {
            "time": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **_fields(record),
        }
        if record.exc_info:
            content["exception"] = self.formatException(record.exc_info)
        return json.dumps(content, default=str)


def formatter(form: Form) -> logging.Formatter:
    """The one of a setting."""
    return JsonFormatter() if form == "json" else TextFormatter()


def _fields(record: logging.LogRecord) -> Mapping[str, Any]:
    fields: Mapping[str, Any] = getattr(record, FIELDS, {})
    return fields
