"""BentoML with one worker. It has no gRPC, so that it is spoken to by JSON over HTTP/1.1."""

import shutil
from collections.abc import Mapping
from pathlib import Path

from tests.benchmarks.speed.rest import REST
from tests.benchmarks.speed.servers.server import Launch, Place, Server, scraped
from tests.benchmarks.speed.servers.venvs import Venvs

NAME = "bentoml"
MODEL = Path(__file__).parent / "bento_model.py"
REQUIREMENTS = ("bentoml==1.4.39", "lightgbm", "scikit-learn")
COUNT = "bentoml_service_request_total"


def bento(venvs: Venvs) -> Server:
    """Takes part where its environment can be made."""
    return Server(
        NAME,
        "BentoML, JSON over HTTP/1.1",
        ("trees",),
        lambda place: _launch(place, venvs),
        lambda: venvs.made(NAME, REQUIREMENTS).versions(),
        REST,
    )


def _launch(place: Place, venvs: Venvs) -> Launch:
    venv = venvs.made(NAME, REQUIREMENTS)
    shutil.copy(MODEL, place.scratch / "service.py")
    address = ["--host=127.0.0.1", f"--port={place.port}"]
    command = [str(Path(venv.python).with_name("bentoml")), "serve", "service:Model", *address]
    environment = {
        "MODEL_FILE": str(place.file),
        "BENTOML_HOME": str(place.scratch / "home"),
        "BENTOML_DO_NOT_TRACK": "true",
        "PATH": f"{Path(venv.python).parent}:/usr/bin:/bin",
    }
    return Launch(command, environment, lambda: scraped(place.port, is_answer))


def is_answer(name: str, labels: Mapping[str, str]) -> bool | None:
    """Whether a sample counts answers of predict, refusals (False), or neither (None)."""
    if name != COUNT or labels["endpoint"] != "/predict":
        return None
    return labels["http_response_code"] == "200"
