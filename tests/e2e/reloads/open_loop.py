"""The process that calls: each call at the time that was planned for it, however long earlier ones take.

    python -m tests.e2e.reloads.open_loop FILE

It reads a JSON plan from its input, `{"address": …, "lanes": […]}`, calls until the input ends, and writes to FILE what
became of each call. To its output it writes a line "LANE VERSION" when a version answers in a lane for the first time.
A process of its own, since threads beside the publisher would wait for its interpreter lock and call that latency.
Calls are never repeated: a client that does would hide what failed.
"""

import base64
import gc
import heapq
import json
import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import grpc
from grpc_health.v1 import health_pb2

from hotshelf.inference import open_inference_pb2 as pb

SECONDS = 10.0
"""Limit of a call."""

LEAD = 0.2
"""Seconds from the plan to the first call."""

INFERENCE = "/inference.GRPCInferenceService/"
HEALTH = "/grpc.health.v1.Health/"

Told = tuple[str, str]
"""What an answer says: its version or state, and its outputs in base64."""


def infer(model: str, body: bytes) -> bytes:
    """A request with ``body`` in place of its model's name."""
    request = pb.ModelInferRequest.FromString(body)
    request.model_name = model
    return request.SerializeToString()


def _outputs(data: bytes) -> Told:
    answer = pb.ModelInferResponse.FromString(data)
    return answer.model_version, base64.b64encode(b"".join(answer.raw_output_contents)).decode()


def _health(data: bytes) -> Told:
    status = health_pb2.HealthCheckResponse.FromString(data).status
    return health_pb2.HealthCheckResponse.ServingStatus.Name(status), ""


KINDS: Mapping[str, tuple[str, Callable[[str, bytes], bytes], Callable[[bytes], Told]]] = {
    "infer": (f"{INFERENCE}ModelInfer", infer, _outputs),
    "server": (
        f"{INFERENCE}ServerReady",
        lambda _, __: b"",
        lambda data: (str(pb.ServerReadyResponse.FromString(data).ready), ""),
    ),
    "model": (
        f"{INFERENCE}ModelReady",
        lambda model, _: pb.ModelReadyRequest(name=model).SerializeToString(),
        lambda data: (str(pb.ModelReadyResponse.FromString(data).ready), ""),
    ),
    "health": (
        f"{HEALTH}Check",
        lambda model, _: health_pb2.HealthCheckRequest(service=model).SerializeToString(),
        _health,
    ),
}
"""By kind of lane: the method, the request for a model, and what an answer tells."""


class Lane:
    """One request, again and again."""

    def __init__(self, channel: grpc.Channel, plan: Mapping[str, Any], keep: Callable[..., None]) -> None:
        method, request, tell = KINDS[plan["kind"]]
        self.name: str = plan["name"]
        self.pause: float = 1 / plan["rate"]
        self._request = request(plan["model"], base64.b64decode(plan["body"]))
        self._call: Any = channel.unary_unary(method, response_deserializer=tell)
        self._keep = keep

    def call(self, due: float) -> None:
        """Call now, for a time in the past or just come."""
        call = self._call.future(self._request, timeout=SECONDS)
        call.add_done_callback(partial(self._done, due, time.monotonic()))

    def _done(self, due: float, sent: float, call: Any) -> None:
        received = time.monotonic()
        error = call.exception()
        told, outputs = ("", "") if error else call.result()
        self._keep(self.name, due, sent, received, told, outputs, f"{error.code()}: {error.details()}" if error else "")


class Notes:
    """What became of each call."""

    def __init__(self) -> None:
        self._kept: list[tuple[Any, ...]] = []
        self._seen: set[tuple[str, str]] = set()
        self._lock = threading.Lock()

    def keep(self, lane: str, *rest: Any) -> None:
        """Note a call, and say so when it tells something new."""
        with self._lock:
            self._kept.append((lane, *rest))
            told = (lane, rest[3])
            if rest[3] and told not in self._seen:
                self._seen.add(told)
                print(*told, flush=True)

    def write(self, file: Path) -> None:
        """All of it."""
        with self._lock:
            file.write_text(json.dumps(self._kept))


def watch(channel: grpc.Channel, service: str, notes: Notes) -> None:
    """Note everything that a watcher of a service's health is told, until the channel closes."""
    stream: Any = channel.unary_stream(f"{HEALTH}Watch", response_deserializer=_health)
    try:
        for told, _ in stream(health_pb2.HealthCheckRequest(service=service).SerializeToString()):
            now = time.monotonic()
            notes.keep("watch", now, now, now, told, "", "")
    except grpc.RpcError as error:
        if error.code() is not grpc.StatusCode.CANCELLED:
            notes.keep("watch", 0.0, 0.0, 0.0, "", "", f"{error.code()}: {error.details()}")


def pace(lanes: Iterable[Lane], over: threading.Event) -> None:
    """Call in every lane at its times, those of different lanes apart from each other."""
    lanes = list(lanes)
    start = time.monotonic() + LEAD
    due = [(start + lane.pause * number / len(lanes), number) for number, lane in enumerate(lanes)]
    heapq.heapify(due)
    while not over.is_set():
        when, number = due[0]
        time.sleep(max(0.0, when - time.monotonic()))
        lanes[number].call(when)
        heapq.heapreplace(due, (when + lanes[number].pause, number))


def main(file: Path) -> None:
    """Call as the plan says, until the input ends."""
    plan = json.loads(sys.stdin.readline())
    notes, over = Notes(), threading.Event()
    gc.disable()  # its pauses would be taken for the server's
    with grpc.insecure_channel(plan["address"], options=[("grpc.enable_retries", 0)]) as channel:
        grpc.channel_ready_future(channel).result(SECONDS)
        for service in plan["watch"]:
            threading.Thread(target=watch, args=(channel, service, notes), daemon=True).start()
        lanes = [Lane(channel, one, notes.keep) for one in plan["lanes"]]
        pacer = threading.Thread(target=pace, args=(lanes, over))
        pacer.start()
        sys.stdin.read()
        over.set()
        pacer.join()
        time.sleep(1.0)  # for the last answers; what has none by then is cancelled, and noted as failed
    notes.write(file)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
