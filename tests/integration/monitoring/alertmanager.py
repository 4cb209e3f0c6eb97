"""A real Alertmanager with the configuration that is shipped, and a receiver for what it sends."""

import json
import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import yaml

from k8s.monitoring.generate import COMPONENT
from tests.integration.metrics.prometheus import free_port, program, program_running

EXAMPLE = COMPONENT / "alertmanager.example.yaml"


class Receiver:
    """Takes webhooks; ``url`` is where, ``messages`` what came: the path and the message."""

    def __init__(self) -> None:
        self.messages: queue.Queue[tuple[str, dict[str, Any]]] = queue.Queue()
        messages = self.messages

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                messages.put((self.path, json.loads(body)))
                self.send_response(200)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - of http.server
                """Say nothing."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver that runs."""
    receiver = Receiver()
    thread = threading.Thread(target=receiver.server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield receiver
    finally:
        receiver.server.shutdown()
        receiver.server.server_close()
        thread.join()


def sent_to(url: str) -> dict[str, Any]:
    """The shipped example, sending at once, each receiver to a path of its name."""
    config: dict[str, Any] = yaml.safe_load(EXAMPLE.read_text())
    config["route"]["group_wait"] = "0s"
    for receiver in config["receivers"]:
        (webhook,) = receiver["webhook_configs"]
        webhook["url"] = f"{url}/{receiver['name']}"
    return config


@contextmanager
def alerting(folder: Path, receiver: Receiver) -> Iterator[str]:
    """An Alertmanager that sends to the receiver; gives its address."""
    command = program("prometheus-alertmanager", "prometheus-alertmanager")
    (folder / "alertmanager.yml").write_text(json.dumps(sent_to(receiver.url)))
    port = free_port()
    arguments = [
        f"--config.file={folder / 'alertmanager.yml'}",
        f"--storage.path={folder / 'alertmanager'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--cluster.listen-address=",
    ]
    with program_running(folder, [command, *arguments], port):
        yield f"127.0.0.1:{port}"
