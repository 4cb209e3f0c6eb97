"""MLServer (Seldon) in its fastest configuration: a model of one's own in the server's process, no workers or batching.

Workers and the default batching window both cost it more than they bring, on this machine and with these models.
"""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path

from tests.benchmarks.speed.servers.server import Launch, Place, Server, free_port, scraped
from tests.benchmarks.speed.servers.venvs import Venvs

NAME = "mlserver"
MODEL = Path(__file__).parent / "mlserver_model.py"
REQUIREMENTS = ("mlserver==1.7.1", "uvloop<0.22", "lightgbm", "scikit-learn")
"""Newer releases of uvloop break how this MLServer starts."""
ANSWERED, REFUSED = "model_infer_request_success_total", "model_infer_request_failure_total"
LIMIT = 64 << 20
"""Bytes of a message."""


def mlserver(venvs: Venvs) -> Server:
    """Takes part where its environment can be made."""
    return Server(
        NAME,
        "MLServer, parallel_workers 0",
        ("trees", "pipeline"),
        lambda place: _launch(place, venvs),
        lambda: venvs.made(NAME, REQUIREMENTS).versions(),
    )


def _launch(place: Place, venvs: Venvs) -> Launch:
    venv = venvs.made(NAME, REQUIREMENTS)
    shutil.copy(MODEL, place.scratch / "mlserver_model.py")
    settings = {
        "host": "127.0.0.1",
        "grpc_port": place.port,
        "http_port": free_port(),
        "metrics_port": place.metrics_port,
        "parallel_workers": 0,
        "grpc_max_message_length": LIMIT,
        "debug": False,
    }
    model = {
        "name": place.model.name,
        "implementation": "mlserver_model.Model",
        "parameters": {"uri": str(place.file)},
    }
    (place.scratch / "settings.json").write_text(json.dumps(settings))
    (place.scratch / "model-settings.json").write_text(json.dumps(model))
    command = [str(Path(venv.python).with_name("mlserver")), "start", str(place.scratch)]
    environment = {"PYTHONPATH": str(place.scratch), "LOG_LEVEL": "WARNING"}
    return Launch(command, environment, lambda: scraped(place.metrics_port, is_answer))


def is_answer(name: str, labels: Mapping[str, str]) -> bool | None:
    """Whether a sample counts answers of ModelInfer, refusals (False), or neither (None)."""
    return {ANSWERED: True, REFUSED: False}.get(name)
