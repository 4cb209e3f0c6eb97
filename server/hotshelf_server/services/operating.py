"""The settings of tracing and logging that operators may look at and change while the server runs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from hotshelf.inference import open_inference_pb2 as pb
from hotshelf_server.core.errors import InvalidInput
from hotshelf_server.observability.logs import LogLevels
from hotshelf_server.observability.tracing import Tracer, TraceSettings

LEVEL, RATE, COUNT = "trace_level", "trace_rate", "trace_count"
OFF, TIMESTAMPS = "OFF", "TIMESTAMPS"
ENDLESS = -1
"""Triton's word for a trace count without an end."""

FIXED_TRACE = {"trace_file": "", "log_frequency": "0", "trace_mode": "triton"}
FIXED_LOGS = {"log_file": "", "log_format": "default"}
"""Settings of Triton that have one value here: traces and logs go to the server's own log."""


class Operating:
    """Answers TraceSetting and LogSettings."""

    def __init__(self, tracer: Tracer, levels: LogLevels, require: Callable[[str], object]) -> None:
        """``require`` raises `ModelNotFound` for a model that isn't served."""
        self._require = require
        self._tracer = tracer
        self._levels = levels

    def trace(self, request: pb.TraceSettingRequest) -> pb.TraceSettingResponse:
        """Change what is given, then tell everything. Raises `InvalidInput`, `ModelNotFound`: nothing is changed."""
        if request.model_name:
            self._require(request.model_name)
        return self.trace_any(request)

    def trace_any(self, request: pb.TraceSettingRequest) -> pb.TraceSettingResponse:
        """As `trace`, also for a model that isn't served yet."""
        settings = self._tracer.settings(request.model_name)
        default = self._tracer.settings("") if request.model_name else TraceSettings()
        for name, value in request.settings.items():
            settings = _changed(settings, name, list(value.value), default)
        if request.settings:
            self._tracer.change(request.model_name, settings)
        response = pb.TraceSettingResponse()
        for name, text in _told(settings).items():
            response.settings[name].value.append(text)
        return response

    def logs(self, request: pb.LogSettingsRequest) -> pb.LogSettingsResponse:
        """Change what is given, then tell everything. Raises `InvalidInput`, and then changes nothing."""
        values = {name: _log_value(name, value) for name, value in request.settings.items()}
        self._levels.change({name: value for name, value in values.items() if name not in FIXED_LOGS})
        response = pb.LogSettingsResponse()
        for name, enabled in self._levels.told().items():
            if isinstance(enabled, bool):
                response.settings[name].bool_param = enabled
            else:
                response.settings[name].uint32_param = enabled
        for name, text in FIXED_LOGS.items():
            response.settings[name].string_param = text
        return response


def _changed(settings: TraceSettings, name: str, values: Sequence[str], default: TraceSettings) -> TraceSettings:
    """The settings with one of them changed; without values it gets its default back."""
    match name:
        case "trace_level":
            for value in values:
                if value not in (OFF, TIMESTAMPS):
                    raise _refusal(name, value, f"{OFF} or {TIMESTAMPS}")
            return replace(settings, enabled=TIMESTAMPS in values if values else default.enabled)
        case "trace_rate":
            return replace(settings, rate=_number(name, values, 1) if values else default.rate)
        case "trace_count":
            count = _number(name, values, ENDLESS) if values else default.count
            return replace(settings, count=None if count == ENDLESS else count)
    if name not in FIXED_TRACE:
        raise InvalidInput(
            f"trace setting {name!r} is unknown, expected one of {', '.join((LEVEL, RATE, COUNT, *FIXED_TRACE))}",
            field=name,
        )
    if values and list(values) != [FIXED_TRACE[name]]:
        raise _refusal(name, ", ".join(values), FIXED_TRACE[name] or "none: traces go to the server's log")
    return settings


def _told(settings: TraceSettings) -> Mapping[str, str]:
    return {
        LEVEL: TIMESTAMPS if settings.enabled else OFF,
        RATE: str(settings.rate),
        COUNT: str(ENDLESS if settings.count is None else settings.count),
        **FIXED_TRACE,
    }


def _log_value(name: str, value: pb.LogSettingsRequest.SettingValue) -> bool | int:
    kind = value.WhichOneof("parameter_choice")
    readers: Mapping[str, tuple[str, Callable[[], bool | int]]] = {
        **{one: ("bool_param", lambda: value.bool_param) for one in LogLevels.SWITCHES},
        LogLevels.VERBOSE: ("uint32_param", lambda: value.uint32_param),
    }
    if name in FIXED_LOGS:
        if value.string_param != FIXED_LOGS[name]:
            raise _refusal(name, value.string_param, FIXED_LOGS[name] or "none: the log goes to standard error")
        return False
    if name not in readers:
        raise InvalidInput(
            f"log setting {name!r} is unknown, expected one of {', '.join((*readers, *FIXED_LOGS))}", field=name
        )
    expected, read = readers[name]
    if kind != expected:
        raise _refusal(name, kind or "nothing", expected)
    return read()


def _number(name: str, values: Sequence[str], least: int) -> int:
    try:
        number = int(values[0])
    except ValueError:
        number = least - 1
    if number < least or len(values) != 1:
        raise _refusal(name, ", ".join(values), f"one whole number from {least} up")
    return number


def _refusal(name: str, found: str, expected: str) -> InvalidInput:
    return InvalidInput(f"setting {name!r} is {found!r}, expected {expected}", field=name, expected=expected)
