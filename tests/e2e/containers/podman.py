"""Containers of the images, run by podman as the manifests for Kubernetes have them run."""

import re
import shutil
import subprocess
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.server_process import wait_until

HARDENED = (
    *("--read-only", "--read-only-tmpfs=false", "--cap-drop=ALL", "--security-opt=no-new-privileges"),
    *("--user=10001:10001", "--tmpfs=/tmp:size=256m,mode=1777", "--network=host", "--stop-timeout=60"),
)
SERVER, TRAINER = "hotshelf-server", "hotshelf-trainer"
LISTENING = re.compile(r"listening on port (\d+), metrics on port (\d+)")


def podman(*arguments: str, check: bool = True, timeout: float = 120) -> str:
    """What a command of podman prints; of logs, what the container wrote on both streams."""
    command = [shutil.which("podman") or "podman", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=timeout, check=False)
    assert not check or done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr if arguments[0] == "logs" else done.stdout


def run(image: str, command: Sequence[str], *, entrypoint: str = "", mounts: Sequence[tuple[Path, str]] = ()) -> str:
    """What a container prints that ends by itself."""
    return podman("run", "--rm", *_options(entrypoint, mounts, "1g"), image, *command)


@dataclass(frozen=True)
class Container:
    """One that runs."""

    name: str

    @property
    def log(self) -> str:
        """What it logged so far."""
        return podman("logs", self.name)

    @property
    def port(self) -> int:
        """Of gRPC, once it listens."""
        wait_until(lambda: LISTENING.search(self.log))
        found = LISTENING.search(self.log)
        assert found
        return int(found[1])

    def stop(self) -> int:
        """SIGTERM, and the exit status."""
        podman("stop", self.name)
        return int(podman("inspect", "--format={{.State.ExitCode}}", self.name))


@contextmanager
def running(
    image: str, command: Sequence[str], *, memory: str, mounts: Sequence[tuple[Path, str]] = ()
) -> Iterator[Container]:
    """A container, and its end."""
    name = f"hotshelf-test-{uuid.uuid4().hex[:12]}"
    podman("run", "--detach", "--name", name, *_options("", mounts, memory), image, *command)
    try:
        yield Container(name)
    finally:
        podman("rm", "--force", "--time=0", name, check=False)


def _options(entrypoint: str, mounts: Sequence[tuple[Path, str]], memory: str) -> list[str]:
    volumes = [f"--volume={source}:{place}" for source, place in mounts]
    return [*HARDENED, f"--memory={memory}", *volumes, *([f"--entrypoint={entrypoint}"] if entrypoint else [])]
