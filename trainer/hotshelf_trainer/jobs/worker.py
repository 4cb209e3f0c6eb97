"""Runs one training in this process: ``python -m hotshelf_trainer.jobs.worker``.

The task comes as one JSON line on standard input, which then stays open for as long as whoever gave it lives; what
there is to tell goes to standard output (`said`). SIGTERM ends it at once: its temporary files are removed
by whoever gave the task, and the store shows no half version.
"""

import json
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from hotshelf_store import StoreError, open_store
from hotshelf_trainer.errors import TrainingError
from hotshelf_trainer.jobs.recipe_text import recipe_in
from hotshelf_trainer.jobs.said import End, GaveUp, NotNeeded, Published, Said, SaidProgress, line_of
from hotshelf_trainer.jobs.training import Spec
from hotshelf_trainer.occasion import look
from hotshelf_trainer.progress import Progress
from hotshelf_trainer.run import Run

STDIN, STDOUT, STDERR = 0, 1, 2
AT_ONCE = 1 << 16


@dataclass(frozen=True, slots=True)
class Task:
    """What one worker is to do."""

    spec: Spec
    model: str
    store: str
    data_root: str
    study: str = ""
    """Journal of the search, if it is to be kept."""

    def to_json(self) -> str:
        """One line."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "Task":
        """The task that `to_json` wrote."""
        content = json.loads(text)
        return cls(**{**content, "spec": Spec.from_plain(content["spec"])})


def run_training(task: Task, progress: Progress) -> End:
    """Train and publish, where there is an occasion. Raises ``TrainingError`` and the store's errors."""
    recipe = recipe_in(task.spec, Path(task.data_root))
    store = open_store(Path(task.store))
    occasion = look(task.spec.occasion, recipe, store, task.model, time.time())
    if not occasion.train:
        return NotNeeded(occasion.why)
    if task.spec.occasion.named:
        progress.say(occasion.why)
    from hotshelf_trainer.training import train  # noqa: PLC0415 - a mistake is told before it is loaded

    study = Path(task.study) if task.study and getattr(recipe, "search", None) is not None else None
    outcome = train(recipe, store, task.model, progress, Run(task.spec.author, study))
    verdict, published = outcome.verdict, outcome.published
    for finding in outcome.findings:
        progress.say(finding)
    for check in verdict.checks:
        progress.say(f"{'passed' if check.passed else 'FAILED'} {check.name}: {check.reason}")
    return Published(published.version, verdict.passed, f"version {published.version}; {published.standing}")


def perform(task: Task, say: Callable[[Said], None]) -> int:
    """Run the training and say what came of it; the exit status."""
    try:
        say(run_training(task, SaidProgress(say)))
    except (TrainingError, StoreError, OSError) as error:
        say(GaveUp(str(error), mistake=True))
        return 2
    except MemoryError:
        say(GaveUp("it asked for more memory at once than its limit allows", mistake=False))
        return 1
    except Exception as error:  # noqa: BLE001 - whatever it is, who asked gets to know
        traceback.print_exc()
        say(GaveUp(f"{type(error).__name__}: {error}", mistake=False))
        return 1
    return 0


def main() -> int:
    """Read the task, run it."""
    # Libraries print what they like: only what we say goes to the pipe that is read for it.
    out = os.fdopen(os.dup(STDOUT), "w", buffering=1, encoding="utf-8")
    os.dup2(STDERR, STDOUT)
    task = Task.from_json(_first_line())
    threading.Thread(target=_end_with_giver, daemon=True).start()
    return perform(task, lambda said: print(line_of(said), file=out))


def _first_line() -> str:
    """Read without a buffer: a thread that waits in one would keep the interpreter from ending."""
    text = b""
    while not text.endswith(b"\n"):
        more = os.read(STDIN, AT_ONCE)
        if not more:
            raise SystemExit("worker: expected a task on standard input; it is the trainer's, and not for people")
        text += more
    return text.decode()


def _end_with_giver() -> None:
    """End at once, with all that was started here, when whoever gave the task has ended."""
    while os.read(STDIN, AT_ONCE):
        pass
    if os.getpgrp() == os.getpid():
        os.killpg(os.getpgrp(), signal.SIGKILL)
    os._exit(1)


if __name__ == "__main__":
    sys.exit(main())
