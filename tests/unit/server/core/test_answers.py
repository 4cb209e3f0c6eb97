"""What some workers have not done is said in words that name them."""

import pytest

from hotshelf_server.core import errors
from hotshelf_server.core.answers import Answers, Failure, from_plain, to_plain

BAD = Failure("FailedPrecondition", "version 1 is failed: bad")


def test_what_all_have_done_is_done() -> None:
    Answers({"0": "", "1": ""}, {}).require("load of model 'm'")


def test_what_none_could_do_is_refused_as_one_process_would() -> None:
    with pytest.raises(errors.FailedPrecondition, match=r"^version 1 is failed: bad$") as raised:
        Answers({}, {"0": BAD, "1": BAD}).require("load of model 'm'", model="m")
    assert raised.value.metadata == {"model": "m"}


def test_who_has_not_done_it_is_named() -> None:
    answers = Answers({"0": "", "2": ""}, {"1": BAD})
    words = "load of model 'm': done by worker 0, 2; worker 1: version 1 is failed: bad"
    with pytest.raises(errors.FailedPrecondition, match=words):
        answers.require("load of model 'm'")


def test_different_failures_are_all_told_in_the_kind_of_the_first() -> None:
    answers = Answers({}, {"0": Failure("ModelNotReady", "it has ended"), "1": BAD})
    with pytest.raises(errors.ModelNotReady, match="done by no worker; worker 0: it has ended; worker 1: version 1"):
        answers.require("load of model 'm'")


def test_an_error_that_nobody_foresaw_is_a_fault() -> None:
    with pytest.raises(errors.ModelFault, match="division by zero"):
        Answers({}, {"0": Failure("ZeroDivisionError", "division by zero")}).require("load")


def test_answers_pass_between_processes_unchanged() -> None:
    answers = Answers({"0": "x"}, {"1": BAD}, 3)
    assert from_plain(to_plain(answers)) == answers
