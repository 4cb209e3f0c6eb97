"""Takes trainings: the one way in, for requests and schedules."""

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from hotshelf_store.errors import InvalidName
from hotshelf_store.layout import check_name
from hotshelf_trainer.jobs.errors import Draining, InvalidRequest
from hotshelf_trainer.jobs.pulse import Pulse
from hotshelf_trainer.jobs.recipe_text import recipe_in
from hotshelf_trainer.jobs.training import Limits, Spec, Training
from hotshelf_trainer.jobs.trainings import Trainings

MAX_RECIPE_BYTES = 256 << 10
MAX_OVERRIDES = 100
MAX_OVERRIDE = 1_000
MAX_AUTHOR = 200
MAX_UNTIL = 100
MAX_REQUEST_ID = 128


class Intake:
    """Checks what is asked for before anything waits for it. Thread-safe."""

    def __init__(
        self, trainings: Trainings, data_root: Path, most: Limits, pulse: Pulse, draining: Callable[[], bool]
    ) -> None:
        """``most``: what one training may use; ``pulse`` wakes whoever runs trainings."""
        self._trainings = trainings
        self._data_root = data_root
        self._most = most
        self._pulse = pulse
        self._draining = draining

    def start(self, spec: Spec, request_id: str = "", schedule: int = 0) -> Training:
        """Queue a training, once for each request id.

        Raises `InvalidRequest`, ``RecipeError``, `RequestIdTaken`, `Full`, and `Draining` when the trainer stops.
        """
        if self._draining():
            raise Draining("the trainer is stopping; ask again when it is back")
        model = self.check(spec, request_id)
        training = self._trainings.add(spec, model, spec.limits.within(self._most), request_id, schedule)
        self._pulse.beat()
        return training

    def check(self, spec: Spec, request_id: str = "") -> str:
        """The model that it would publish a version of. Raises `InvalidRequest` and ``RecipeError``."""
        _bounded("recipe", len(spec.recipe.encode()), MAX_RECIPE_BYTES, "bytes")
        _bounded("overrides", len(spec.overrides), MAX_OVERRIDES, "overrides")
        for override in spec.overrides:
            _bounded(f"override {override[:40]!r}", len(override), MAX_OVERRIDE, "characters")
        _bounded("until", len(spec.until), MAX_UNTIL, "characters")
        _bounded("author", len(spec.author), MAX_AUTHOR, "characters")
        _bounded("request_id", len(request_id), MAX_REQUEST_ID, "characters")
        if "\0" in f"{spec.author}{request_id}{spec.model}":
            raise InvalidRequest("author, request_id and model: expected text without NUL")
        if not 0 <= spec.limits.seconds < float("inf"):
            raise InvalidRequest(f"limits.seconds {spec.limits.seconds}: expected 0 for the trainer's own, or more")
        for name, limit in asdict(spec.occasion).items():
            if not 0 <= limit < float("inf"):
                raise InvalidRequest(f"occasion.{name} {limit}: expected 0 for no matter, or more")
        try:
            recipe = recipe_in(spec, self._data_root)  # also where the request names the model: it must be one
            return check_name("model", spec.model or recipe.name)
        except InvalidName as error:
            raise InvalidRequest(str(error)) from error


def _bounded(what: str, found: int, most: int, unit: str) -> None:
    if found > most:
        raise InvalidRequest(f"{what}: {found} {unit}, expected at most {most}")
