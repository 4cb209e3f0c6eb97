"""The one process that all workers try versions in."""

import socket
import subprocess

from hotshelf_server.core.processes import give_way
from hotshelf_server.models.warm_process import ONE_THREAD, TRIAL_COMMAND, start


class SharedTrials:
    """Starts the process when it is first asked for, and anew when it has ended."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None

    @property
    def control(self) -> socket.socket:
        """What workers inherit."""
        if self._control is None or self._process is None or self._process.poll() is not None:
            self.close()
            self._process, self._control = start(TRIAL_COMMAND, ONE_THREAD)
            give_way(self._process.pid)
        return self._control

    def close(self) -> None:
        """Let go of it: it ends once all workers have."""
        if self._control is not None:
            self._control.close()
