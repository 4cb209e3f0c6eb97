"""Several workers begin and end as one server."""

import os
import re
import signal
import socket
import subprocess
from pathlib import Path

import pytest
import yaml

from hotshelf.inference import open_inference_pb2 as pb
from hotshelf.inference.open_inference_pb2_grpc import GRPCInferenceServiceStub
from hotshelf_client import Client
from hotshelf_store import Store
from tests.e2e.server_process import COMMAND, ServerProcess, serving, wait_until
from tests.e2e.workers.crew import Load, connect, workers

TWO = ("--workers", "2")


def refused(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [*COMMAND, "serve", *TWO, "--metrics-port", "0", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def gone(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z"


def test_a_port_that_anybody_listens_on_is_refused(folder: Path, store: Store) -> None:
    with socket.socket(socket.AF_INET6) as holder:
        holder.bind(("::", 0))
        holder.listen()
        port = holder.getsockname()[1]
        done = refused("--store", folder / "store", "--port", port)
    assert done.returncode == 2
    assert f":{port}: the port is taken" in done.stderr
    assert "Traceback" not in done.stderr


def test_two_servers_with_workers_never_share_a_port(folder: Path, server: ServerProcess) -> None:
    done = refused("--store", folder / "store", "--port", server.port)
    assert done.returncode == 2
    assert f":{server.port}: the port is taken" in done.stderr


def test_a_store_that_does_not_exist_is_named_once(tmp_path: Path) -> None:
    done = refused("--store", tmp_path / "typo", "--port", "0")
    assert done.returncode == 2
    assert done.stderr.count(f"hotshelf serve: store {tmp_path / 'typo'} does not exist") == 1
    assert "Traceback" not in done.stderr


def test_a_metrics_port_that_is_taken_is_refused(folder: Path, server: ServerProcess) -> None:
    done = refused("--store", folder / "store", "--port", "0", "--metrics-port", server.metrics_port)
    assert done.returncode == 2
    assert "try another with --metrics-port" in done.stderr


def test_sigterm_drains_every_worker_and_exits_with_0(folder: Path, store: Store) -> None:
    with serving("--store", folder / "store", *TWO) as server, Client(server.address) as client:
        wait_until(lambda: client.ready("toy"))
        running = workers(server)
        assert server.terminate() == 0
    assert all(map(gone, running))
    assert server.log.count("hotshelf_server.lifecycle: stopped") == 2
    assert "hotshelf_server.workers.parent: stopped" in server.log


def test_workers_end_with_a_parent_that_is_killed(folder: Path, store: Store) -> None:
    with serving("--store", folder / "store", *TWO) as server:
        running = workers(server)
        server.kill()
        wait_until(lambda: all(map(gone, running)))


def test_a_worker_that_keeps_dying_ends_the_server(folder: Path, store: Store) -> None:
    with serving("--store", folder / "store", *TWO) as server:
        killed: set[int] = set()
        while server._process.poll() is None:
            for process in workers(server) if Path(f"/proc/{server._process.pid}/task").exists() else ():
                if process not in killed:
                    killed.add(process)
                    os.kill(process, signal.SIGKILL)
        assert server.wait() == 1
    assert re.search(r"hotshelf serve: worker [01] has ended 6 times in a row, last by SIGKILL", server.log)


def test_settings_are_taken_over_by_all_and_a_rolling_restart_takes_the_others(
    store: Store, folder: Path, tmp_path: Path
) -> None:
    def rows(stub: GRPCInferenceServiceStub) -> int:
        return stub.ModelConfig(pb.ModelConfigRequest(name="toy"), timeout=20).config.max_batch_size

    def say(rows: int, **settings: object) -> None:
        models = {"toy": {"batching": {"max_rows": rows}}}
        draft = config.with_suffix(".new")
        draft.write_text(yaml.safe_dump({"max_connection_age": 1, "model_settings": models, **settings}))
        draft.replace(config)

    config = tmp_path / "hotshelf.yaml"
    say(8)
    with serving("--store", folder / "store", *TWO, "--config", config) as server, connect(server) as channel:
        stub = GRPCInferenceServiceStub(channel)
        with Client(server.address) as client:
            wait_until(lambda: client.ready("toy"))
        say(16)
        wait_until(lambda: rows(stub) == 16)
        say(0)
        wait_until(lambda: "settings were not taken over: setting model_settings.toy.batching.max_rows" in server.log)
        server.hang_up()
        wait_until(lambda: "no worker was replaced: setting model_settings" in server.log)
        say(32, compression="gzip", port=1)
        wait_until(lambda: "hold from the next start on: compression" in server.log)
        with Load(server) as load:
            server.hang_up()
            wait_until(lambda: "all workers were replaced" in server.log)
        assert load.failures == []
        assert rows(stub) == 32


@pytest.mark.parametrize("count", ["0", "257", "two"])
def test_a_number_of_workers_that_makes_no_sense_is_refused(count: str, folder: Path, store: Store) -> None:
    done = refused("--store", folder / "store", "--workers", count)
    assert done.returncode == 2
    assert "workers" in done.stderr


def test_a_successor_that_can_not_serve_leaves_the_workers_as_they_are(
    store: Store, folder: Path, tmp_path: Path
) -> None:
    config = tmp_path / "hotshelf.yaml"
    config.write_text(f"store: {folder / 'store'}\n")
    with serving(*TWO, "--config", config) as server, Client(server.address) as client:
        wait_until(lambda: client.ready("toy"))
        running = workers(server)
        config.write_text(f"store: {tmp_path / 'typo'}\n")
        server.hang_up()
        wait_until(lambda: "the rolling restart has stopped at worker 0" in server.log)
        assert "worker 0 can't serve: store" in server.log
        wait_until(lambda: workers(server) == running)
        assert client.ready("toy")
