"""Convergence is what all replicas have made of what the newest alias revision asks for."""

from collections.abc import Mapping

from hotshelf_client.answers import Model, Routing, VersionStatus
from hotshelf_client.convergence import Target, convergence
from hotshelf_client.replicas import Answer

Routes = Mapping[str, Mapping[int, int]]


def model(
    replica: str, states: Mapping[int, str], holds: Routes, asked: Routes | None = None, revision: int = 1
) -> Model:
    versions = tuple(
        VersionStatus(number, state, "sha256 differs" if state == "failed" else "", None, 0)
        for number, state in states.items()
    )
    routing = Routing(revision, holds if asked is None else asked, None, "promote", "", "", forced=False)
    return Model("m", routing, versions, holds, replica)


def answer(one: Model) -> Answer:
    return Answer(f"ipv4:{one.replica}", (one,))


def test_all_replicas_that_serve_what_is_asked_have_converged() -> None:
    split = {"champion": {1: 90, 2: 10}}
    found = convergence([answer(model(name, {1: "ready", 2: "ready"}, split)) for name in "abc"])
    assert found.converged
    assert [(target.version, target.on) for target in found.targets] == [(1, 3), (2, 3)]


def test_a_version_is_on_some_replicas_loading_on_others_and_failed_on_one() -> None:
    asked = {"champion": {12: 100}}
    answers = [
        *(answer(model(name, {12: "ready"}, asked)) for name in "abc"),
        answer(model("d", {11: "ready", 12: "loading"}, {"champion": {11: 100}}, asked)),
        answer(model("e", {11: "ready", 12: "failed"}, {"champion": {11: 100}}, asked)),
    ]
    found = convergence(answers)
    assert not found.converged
    assert found.targets == (Target("m", "champion", 12, 100, 3, 1, 1, ("sha256 differs",)),)


def test_the_newest_revision_that_any_replica_read_is_what_is_asked() -> None:
    stale = model("a", {1: "ready"}, {"champion": {1: 100}}, revision=3)
    newer = model("b", {1: "ready", 2: "ready"}, {"champion": {2: 100}}, revision=4)
    (target,) = convergence([answer(stale), answer(newer)]).targets
    assert (target.version, target.on, target.loading) == (2, 1, 1)


def test_a_version_that_is_ready_waits_for_the_others_of_its_alias() -> None:
    asked = {"champion": {1: 90, 2: 10}}
    found = convergence([answer(model("a", {1: "ready", 2: "loading"}, {"champion": {1: 100}}, asked))])
    assert [(target.version, target.on, target.loading) for target in found.targets] == [(1, 0, 1), (2, 0, 1)]


def test_replicas_that_do_not_answer_are_named_and_nothing_has_converged() -> None:
    serving = answer(model("a", {1: "ready"}, {"champion": {1: 100}}))
    found = convergence([serving, Answer("ipv4:b", problem="UNAVAILABLE: refused")])
    assert (found.converged, found.replicas, found.silent) == (False, 2, {"ipv4:b": "UNAVAILABLE: refused"})
    assert not convergence([]).converged


def test_two_addresses_of_one_replica_count_once() -> None:
    one = model("a", {1: "ready"}, {"champion": {1: 100}})
    found = convergence([Answer("ipv4:a", (one,)), Answer("ipv6:a", (one,))])
    assert (found.replicas, found.targets[0].on) == (1, 1)


def test_a_replica_that_has_not_heard_of_a_model_is_waited_for() -> None:
    found = convergence([answer(model("a", {1: "ready"}, {"champion": {1: 100}})), Answer("ipv4:b")], "m")
    assert (found.targets[0].on, found.targets[0].loading, found.converged) == (1, 1, False)


def test_a_model_without_a_store_has_converged_where_it_is_ready() -> None:
    alone = Model("m", None, (VersionStatus(1, "ready", "", None, 0),), {"champion": {1: 100}}, "a")
    assert convergence([answer(alone)]).converged
