"""Programs that run together."""

import socket
import sys
import time
from pathlib import Path

import pytest

from hotshelf_up.programs import Broken, Program, Programs, running

FOREVER = "import time; print('up', flush=True); time.sleep(3600)"


def program(folder: Path, code: str, name: str = "it", port: int = 0) -> Program:
    return Program(name, (sys.executable, "-c", code), "here", folder / f"{name}.log", port=port)


def wait_for(path: Path, text: str) -> None:
    """Until a log has said something."""
    end = time.monotonic() + 30
    while text not in path.read_text():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_one_that_ends_is_named_with_what_it_said_last(tmp_path: Path) -> None:
    failing = program(tmp_path, "print('no such luck'); raise SystemExit(3)")
    with pytest.raises(Broken, match=r"it ended with status 3; .*it\.log:\n  no such luck"), running([failing]) as all_:
        check_for_ever(all_)


def check_for_ever(programs: Programs) -> None:
    while True:
        programs.check()
        time.sleep(0.01)


def test_all_end_with_the_context_and_their_logs_stay(tmp_path: Path) -> None:
    ends = "import signal, sys; signal.signal(signal.SIGTERM, lambda *_: (print('bye'), sys.exit())); " + FOREVER
    with running([program(tmp_path, ends, name) for name in ("one", "two")]) as programs:
        for name in ("one", "two"):
            wait_for(tmp_path / f"{name}.log", "up")
        programs.check()
    assert {(tmp_path / f"{name}.log").read_text() for name in ("one", "two")} == {"up\nbye\n"}


def test_what_was_started_ends_when_another_can_not_be_started(tmp_path: Path) -> None:
    missing = Program("absent", (str(tmp_path / "nothing"),), "nowhere", tmp_path / "absent.log")
    started = program(tmp_path, FOREVER)
    with pytest.raises(Broken, match="absent can't be started"), running([started, missing]):
        pass


def test_a_taken_port_is_named_before_anything_is_started(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        one = program(tmp_path, FOREVER, port=port)
        with pytest.raises(Broken, match=f"it: port {port} is taken"), running([one]):
            pass
    assert not one.log.exists()
