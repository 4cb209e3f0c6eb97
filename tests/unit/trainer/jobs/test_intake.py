"""What is asked for is checked before it waits."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hotshelf_trainer.errors import RecipeError, TrainingError
from hotshelf_trainer.jobs.errors import Draining, InvalidRequest
from hotshelf_trainer.jobs.intake import Intake
from hotshelf_trainer.jobs.pulse import Pulse
from hotshelf_trainer.jobs.training import Limits, Spec, State
from hotshelf_trainer.jobs.trainings import Trainings

SPEC = Spec("name: shop\ndata: {columns: {customer: c, product: p, time: t}}")
MOST = Limits(100.0, 1_000)


@pytest.fixture
def intake(trainings: Trainings, tmp_path: Path) -> Intake:
    return Intake(trainings, tmp_path, MOST, Pulse(), lambda: False)


def test_the_model_is_the_recipes_name_or_the_one_asked_for(intake: Intake) -> None:
    assert intake.start(SPEC).model == "shop"
    assert intake.start(replace(SPEC, model="other")).model == "other"


@pytest.mark.parametrize(
    ("asked", "holds"),
    [
        (Limits(), MOST),
        (Limits(5.0, 10), Limits(5.0, 10)),
        (Limits(500.0, 10_000), MOST),
        (Limits(0.0, 10), Limits(100.0, 10)),
    ],
)
def test_the_smaller_limit_holds(intake: Intake, asked: Limits, holds: Limits) -> None:
    assert intake.start(replace(SPEC, limits=asked)).limits == holds


@pytest.mark.parametrize(
    ("changes", "kind", "message"),
    [
        ({"recipe": "x" * 300_000}, InvalidRequest, "recipe: 300000 bytes, expected at most 262144"),
        ({"recipe": "name: shop"}, RecipeError, "data: missing"),
        ({"recipe": "name: shop", "model": "m"}, RecipeError, "data: missing"),
        ({"overrides": ("a=1",) * 101}, InvalidRequest, "overrides: 101"),
        ({"overrides": ("a=" + "x" * 1_000,)}, InvalidRequest, "override 'a=xxx"),
        ({"overrides": ("rankr.trees=1",)}, RecipeError, "did you mean 'ranker'"),
        ({"model": "../m"}, InvalidRequest, "model name '../m'"),
        ({"author": "x" * 201}, InvalidRequest, "author: 201 characters"),
        ({"author": "a\0"}, InvalidRequest, "without NUL"),
        ({"limits": Limits(-1.0)}, InvalidRequest, "limits.seconds -1"),
        ({"limits": Limits(float("nan"))}, InvalidRequest, "limits.seconds nan"),
        ({"limits": Limits(float("inf"))}, InvalidRequest, "limits.seconds inf"),
    ],
)
def test_what_cannot_be_is_refused_by_name_and_never_waits(
    intake: Intake, trainings: Trainings, changes: dict[str, Any], kind: type[TrainingError], message: str
) -> None:
    with pytest.raises(kind, match=message):
        intake.start(replace(SPEC, **changes))
    assert trainings.before(None, 10) == []


def test_a_request_id_is_bounded(intake: Intake) -> None:
    with pytest.raises(InvalidRequest, match="request_id: 129 characters"):
        intake.start(SPEC, "x" * 129)


def test_a_trainer_that_stops_takes_nothing(trainings: Trainings, tmp_path: Path) -> None:
    with pytest.raises(Draining, match="stopping"):
        Intake(trainings, tmp_path, MOST, Pulse(), lambda: True).start(SPEC)


def test_whoever_runs_trainings_is_woken(trainings: Trainings, tmp_path: Path) -> None:
    pulse = Pulse()
    assert Intake(trainings, tmp_path, MOST, pulse, lambda: False).start(SPEC).state is State.QUEUED
    assert pulse.beats == 1
