"""KServe's SDK with a model of one's own, by its gRPC server."""

import shutil
from collections.abc import Sequence
from pathlib import Path

from tests.benchmarks.speed.servers.server import Launch, Place, Server, free_port
from tests.benchmarks.speed.servers.venvs import Venvs

NAME = "kserve"
MODEL = Path(__file__).parent / "kserve_model.py"
REQUIREMENTS = ("kserve==0.21.0", "lightgbm", "scikit-learn")
LIMIT = 64 << 20
"""Bytes of a message."""


def kserve(venvs: Venvs) -> Server:
    """Takes part where its environment can be made. It counts no calls of gRPC."""
    return Server(
        NAME,
        "KServe SDK",
        ("trees", "pipeline"),
        lambda place: _launch(place, venvs),
        lambda: venvs.made(NAME, REQUIREMENTS).versions(),
    )


def _launch(place: Place, venvs: Venvs) -> Launch:
    python = venvs.made(NAME, REQUIREMENTS).python
    script = shutil.copy(MODEL, place.scratch)  # beside it lies this file, which has the SDK's name
    flags: Sequence[str] = (
        f"--http_port={free_port()}",
        f"--grpc_port={place.port}",
        f"--model_name={place.model.name}",
        f"--model_file={place.file}",
        f"--grpc_max_receive_message_length={LIMIT}",
        f"--grpc_max_send_message_length={LIMIT}",
        "--workers=1",
        "--enable_docs_url=false",
        "--enable_latency_logging=false",
    )
    return Launch([python, str(script), *flags])
