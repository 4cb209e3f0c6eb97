"""A trainer that serves in this process, with small workers that stand for trainings."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hotshelf_client.training_specs import TrainingSpec
from hotshelf_client.trainings import TrainingClient
from hotshelf_trainer.jobs.serving import Settings, Trainer, trainer
from hotshelf_trainer.jobs.training import Limits
from tests.unit.trainer.jobs.workers import worker

RECIPE = "name: shop\ndata: {columns: {customer: c, product: p, time: t}}"

# A worker that does what the recipe's name says.
OBEYS = """
spec = json.loads(task)["spec"]
say("stage", title="Reading", share=1.0, over=True, seconds=0.5)
say("log", text="model " + json.loads(task)["model"])
if "wait" in spec["overrides"][0]:
    sys.stdin.read()  # until whoever gave the task has gone
    os._exit(1)
if "lose" in spec["overrides"][0]:
    while not os.path.exists(spec["author"]): time.sleep(0.01)
if "resume" in spec["overrides"][0]:
    study = json.loads(task)["study"]
    begun = os.path.exists(study)
    say("log", text="goes on" if begun else "begins")
    open(study, "w").close()
    if not begun:
        sys.stdin.read()
        os._exit(1)
if "idle" in spec["overrides"][0]:
    say("not_needed", why="champion version 3 is young: " + json.dumps(spec["occasion"], sort_keys=True))
elif "fail" in spec["overrides"][0]:
    say("gave_up", message="no such column", mistake=True)
else:
    published("refuse" not in spec["overrides"][0])
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_in(tmp_path)


def settings_in(folder: Path) -> Settings:
    """Of a trainer with its files in a folder, whose trainings do what their recipe's name says."""
    for name in ("store", "data"):
        (folder / name).mkdir()
    return Settings(
        store=folder / "store",
        data_root=folder / "data",
        work_dir=folder / "work",
        host="localhost",
        limits=Limits(60.0, 1 << 40),
        drain_seconds=0.0,
        grace_seconds=5.0,
        look_seconds=0.05,
        worker=worker(OBEYS),
    )


Serve = Callable[..., Trainer]


@pytest.fixture
def serve(settings: Settings) -> Iterator[Serve]:
    """Starts a trainer; settings go over the usual ones."""
    with ExitStack() as stack:
        yield lambda **changes: stack.enter_context(trainer(replace(settings, **changes)))


@pytest.fixture
def client(serve: Serve) -> Iterator[TrainingClient]:
    with TrainingClient(f"localhost:{serve().port}", timeout=20) as client:
        yield client


def start(client: TrainingClient, what: str = "succeed", request_id: str = "", **more: Any) -> int:
    """Start a training whose worker does what is said; its number."""
    return client.start(TrainingSpec(RECIPE, overrides=[f"name={what}"], **more), request_id=request_id).id
