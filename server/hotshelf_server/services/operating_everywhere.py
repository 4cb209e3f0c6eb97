"""Settings of tracing and logging that hold on all workers of a server, whichever of them is asked."""

from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping

from hotshelf.inference import open_inference_pb2 as pb
from hotshelf_server.core.answers import Ask
from hotshelf_server.observability.logs import LogLevels
from hotshelf_server.observability.tracing import Tracer
from hotshelf_server.services.operating import Operating

TRACE, LOGS = "trace", "logs"

ASK_SECONDS = 5.0
"""How long workers have to change a setting."""


class OperatingEverywhere(Operating):
    """Changes a setting here, which finds out whether it can be, and then everywhere in one order: here once more, so
    that of two changes at a time the same one is the last on every worker."""

    def __init__(self, tracer: Tracer, levels: LogLevels, require: Callable[[str], object], ask: Ask) -> None:
        super().__init__(tracer, levels, require)
        self._ask = ask

    @property
    def deeds(self) -> Mapping[str, Callable[[str], Callable[[], str]]]:
        """What this worker does when any of them is asked."""
        return {TRACE: self._trace_here, LOGS: self._logs_here}

    def trace(self, request: pb.TraceSettingRequest) -> pb.TraceSettingResponse:
        """Change what is given, then tell everything. Raises as the base does, and when workers could not."""
        answer = super().trace(request)
        if request.settings:
            self._everywhere(TRACE, request.SerializeToString())
        return answer

    def logs(self, request: pb.LogSettingsRequest) -> pb.LogSettingsResponse:
        """Change what is given, then tell everything. Raises as `trace`."""
        answer = super().logs(request)
        if request.settings:
            self._everywhere(LOGS, request.SerializeToString())
        return answer

    def _everywhere(self, deed: str, request: bytes) -> None:
        self._ask(deed, b64encode(request).decode(), ASK_SECONDS).require(f"change of the {deed} settings")

    def _trace_here(self, request: str) -> Callable[[], str]:
        self.trace_any(pb.TraceSettingRequest.FromString(b64decode(request)))
        return str

    def _logs_here(self, request: str) -> Callable[[], str]:
        super().logs(pb.LogSettingsRequest.FromString(b64decode(request)))
        return str
