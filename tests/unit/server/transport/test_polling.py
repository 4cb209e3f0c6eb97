"""gRPC is told which thread reads before it is imported, and never against its operator."""

import subprocess
import sys

from hotshelf_server.transport.polling import OWN_THREAD, SWITCHES, read_on_the_server_thread


def test_the_server_s_thread_reads() -> None:
    environment: dict[str, str] = {}
    read_on_the_server_thread(environment)
    assert environment == {SWITCHES: OWN_THREAD}


def test_switches_that_are_set_stay() -> None:
    environment = {SWITCHES: "another"}
    read_on_the_server_thread(environment)
    assert environment == {SWITCHES: "another"}


def test_the_command_that_tells_it_has_not_imported_grpc_yet() -> None:
    code = "import hotshelf_server.command, sys; sys.exit('grpc' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0
