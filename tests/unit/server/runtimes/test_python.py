"""Python classes run in a process of their own, and nothing that they do reaches the server."""

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from hotshelf_server.core.errors import BadBundle, ModelFault
from hotshelf_server.core.interfaces import Elsewhere, Servable
from hotshelf_server.core.types import Parameters, Response
from hotshelf_server.runtimes import RuntimePolicy, load
from tests.fakes.bundles import python_bundle

ALLOWED = RuntimePolicy(python_modules=("tests.fakes",), call_seconds=20.0, load_seconds=60.0)
X = np.array([1.0, 2.0])


@pytest.fixture(scope="module")
def doubler(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servable]:
    folder = tmp_path_factory.mktemp("doubler")
    servable = load(folder, python_bundle(folder), ALLOWED)
    yield servable
    servable.close()


def ask(servable: Servable, parameters: Parameters | None = None) -> Response:
    answer = servable.predict({"x": X}, parameters or {})
    assert isinstance(answer, Response)
    return answer


def test_a_dict_of_arrays_is_an_answer(doubler: Servable) -> None:
    np.testing.assert_array_equal(ask(doubler).outputs["y"], [3.0, 5.0])


def test_a_response_carries_parameters(doubler: Servable) -> None:
    assert ask(doubler, {"do": "respond"}).parameters == {"note": "hello", "count": 3}


def test_an_iterator_gives_several_responses(doubler: Servable) -> None:
    answer = doubler.predict({"x": X}, {"do": "iterate"})
    assert not isinstance(answer, Response)
    assert [list(one.outputs["y"]) for one in answer] == [[3.0, 5.0], [3.0, 5.0]]


@pytest.mark.parametrize("taken", [0, 1, 3])
def test_responses_that_nobody_wants_are_not_made_and_the_worker_is_free(doubler: Servable, taken: int) -> None:
    answer = doubler.predict({"x": X}, {"do": "endless"})
    assert not isinstance(answer, Response)
    for _ in range(taken):
        assert list(next(answer).outputs["y"]) == [3.0, 5.0]
    answer.close()
    answer.close()
    np.testing.assert_array_equal(ask(doubler).outputs["y"], [3.0, 5.0])


def test_a_response_that_breaks_the_promise_in_the_middle_of_several_is_a_fault(doubler: Servable) -> None:
    answer = doubler.predict({"x": X}, {"do": "iterate badly"})
    assert not isinstance(answer, Response)
    next(answer)
    with pytest.raises(ModelFault, match="gave no output 'y'"):
        next(answer)
    answer.close()
    np.testing.assert_array_equal(ask(doubler).outputs["y"], [3.0, 5.0])


def test_an_iterator_may_be_empty(doubler: Servable) -> None:
    answer = doubler.predict({"x": X}, {"do": "iterate nothing"})
    assert not isinstance(answer, Response)
    assert list(answer) == []
    np.testing.assert_array_equal(ask(doubler).outputs["y"], [3.0, 5.0])


@pytest.mark.parametrize(
    ("do", "words"),
    [
        ("raise", "raised ValueError: no such luck"),
        ("die", r"died in the middle of a call \(exit code -11\)"),
        ("exit", r"died in the middle of a call \(exit code 7\)"),
        ("wrong dtype", r"gave float32 \[2\] for output 'y', its signature promises FP64 \[-1\]"),
        ("wrong name", "gave no output 'y'"),
        ("wrong type", "predict returned int, expected a dict"),
        ("complex", "dtype complex128: expected one of"),
        ("odd parameter", "parameter 'p' is a list, expected bool, int, float or str"),
    ],
)
def test_mischief_is_a_fault_and_the_next_call_is_answered(doubler: Servable, do: str, words: str) -> None:
    with pytest.raises(ModelFault, match=words):
        ask(doubler, {"do": do})
    np.testing.assert_array_equal(ask(doubler).outputs["y"], [3.0, 5.0])


def test_texts_come_as_bytes(tmp_path: Path) -> None:
    manifest = python_bundle(tmp_path, "Speaks", golden=False)
    manifest.signature.outputs[0].datatype = "BYTES"
    servable = load(tmp_path, manifest, ALLOWED)
    try:
        assert list(ask(servable).outputs["y"]) == ["größer".encode(), b""]
    finally:
        servable.close()


def test_a_class_that_leaks_is_ended_before_it_takes_all_memory_and_started_anew(tmp_path: Path) -> None:
    policy = RuntimePolicy(python_modules=("tests.fakes",), worker_memory_bytes=4 << 30)
    servable = load(tmp_path, python_bundle(tmp_path, golden=False), policy)
    try:
        errors = []
        for _ in range(8):
            try:
                ask(servable, {"do": "leak"})
            except ModelFault as error:
                errors.append(str(error))
        assert errors
        assert all("MemoryError" in error for error in errors)
        assert len(errors) < 5  # each time it was started anew there was room again
    finally:
        servable.close()


def test_a_worker_that_died_between_two_calls_fails_no_call(tmp_path: Path) -> None:
    servable = load(tmp_path, python_bundle(tmp_path, golden=False), ALLOWED)
    assert isinstance(servable, Elsewhere)
    try:
        ask(servable, {"do": "die later"})
        before = servable.process
        assert before is not None
        os.waitid(os.P_PID, before, os.WEXITED | os.WNOWAIT)
        np.testing.assert_array_equal(ask(servable).outputs["y"], [3.0, 5.0])
        assert servable.process != before
    finally:
        servable.close()


def test_a_signal_to_the_whole_group_ends_no_call(tmp_path: Path) -> None:
    servable = load(tmp_path, python_bundle(tmp_path, "SignalsItself", golden=False), ALLOWED)
    try:
        np.testing.assert_array_equal(ask(servable).outputs["y"], [3.0, 5.0])
    finally:
        servable.close()


def test_a_call_that_never_ends_is_killed(tmp_path: Path) -> None:
    policy = RuntimePolicy(python_modules=("tests.fakes",), call_seconds=2.0)
    servable = load(tmp_path, python_bundle(tmp_path), policy)
    try:
        with pytest.raises(ModelFault, match="took longer than 2 s and was killed"):
            ask(servable, {"do": "hang"})
        np.testing.assert_array_equal(ask(servable).outputs["y"], [3.0, 5.0])
    finally:
        servable.close()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("DiesInLoad", r"died while it loaded \(exit code -11\)"),
        ("RaisesInLoad", "can't be loaded: RuntimeError: weights are missing"),
        ("Absent", "can't be loaded: AttributeError"),
    ],
)
def test_a_class_that_cannot_be_loaded_is_a_bad_bundle(tmp_path: Path, name: str, words: str) -> None:
    with pytest.raises(BadBundle, match=words):
        load(tmp_path, python_bundle(tmp_path, name), ALLOWED)


def test_a_load_that_never_ends_is_killed(tmp_path: Path) -> None:
    policy = RuntimePolicy(python_modules=("tests",), load_seconds=2.0)
    with pytest.raises(BadBundle, match="took longer than 2 s to load and was killed"):
        load(tmp_path, python_bundle(tmp_path, "HangsInLoad"), policy)


@pytest.mark.parametrize("modules", [(), ("tests.fak",), ("other",), ("fakes",)])
def test_a_module_that_the_operator_did_not_name_is_refused(tmp_path: Path, modules: tuple[str, ...]) -> None:
    with pytest.raises(BadBundle, match=r"'tests\.fakes\.python_models' is not allowed here; .* --allow-python"):
        load(tmp_path, python_bundle(tmp_path), RuntimePolicy(python_modules=modules))


@pytest.mark.parametrize("entrypoint", ["", "module", ":Class", "module:"])
def test_an_entrypoint_names_module_and_class(tmp_path: Path, entrypoint: str) -> None:
    manifest = python_bundle(tmp_path)
    manifest.runtime_options["entrypoint"] = entrypoint
    with pytest.raises(BadBundle, match="expected module:Class"):
        load(tmp_path, manifest, ALLOWED)
