"""Where a canary stands is read from the alias log alone."""

from hotshelf_store import AliasRevision, Route
from hotshelf_trainer.judge.rollout import AUTHOR, Rollout, read


def told(*routes: tuple[str, dict[int, int]]) -> Rollout | None:
    """The rollout after these entries, oldest first: author, and champion's weights."""
    log = [
        AliasRevision(revision=number, author=author, routes={"champion": Route(weights=weights)})
        for number, (author, weights) in enumerate(routes, start=1)
    ]
    return read(reversed(log))


def test_a_champion_alone_is_its_own_incumbent() -> None:
    rollout = told(("me", {1: 100}))
    assert rollout is not None
    assert (rollout.incumbent, rollout.canary, rollout.share) == (1, 0, 0)
    assert rollout == Rollout(1, 1, {1: 100}, "me", "", {}, 0)


def test_a_split_by_a_judge_has_a_canary_with_its_share() -> None:
    rollout = told(("me", {1: 100}), (AUTHOR, {1: 95, 2: 5}), (AUTHOR, {1: 75, 2: 25}), ("trainer", {1: 75, 2: 25}))
    assert rollout is not None
    assert (rollout.revision, rollout.since, rollout.incumbent) == (4, 3, 1)
    assert (rollout.canary, rollout.share, rollout.before) == (2, 25, {1: 95, 2: 5})


def test_a_split_by_anybody_else_has_none() -> None:
    rollout = told(("me", {1: 100}), ("me", {1: 95, 2: 5}))
    assert rollout is not None
    assert (rollout.canary, rollout.share) == (0, 0)


def test_a_canary_that_a_judge_took_back_is_known_and_one_that_an_operator_did_is_not() -> None:
    for author, known in ((AUTHOR, True), ("me", False)):
        rollout = told(("me", {1: 100}), (AUTHOR, {1: 95, 2: 5}), (author, {1: 100}))
        assert rollout is not None
        assert (rollout.taken_back(2), rollout.taken_back(3)) == (known, False)


def test_a_canary_that_became_champion_was_not_taken_back() -> None:
    rollout = told(("me", {1: 100}), (AUTHOR, {1: 50, 2: 50}), (AUTHOR, {2: 100}))
    assert rollout is not None
    assert (rollout.incumbent, rollout.taken_back(1), rollout.taken_back(2)) == (2, False, False)


def test_without_a_champion_there_is_nothing_to_tell() -> None:
    assert told() is None
    assert read([AliasRevision(revision=1, routes={"candidate": Route(weights={1: 1})})]) is None


def test_no_more_of_the_log_is_read_than_needed() -> None:
    def log() -> object:
        yield AliasRevision(revision=3, author=AUTHOR, routes={"champion": Route(weights={1: 95, 2: 5})})
        yield AliasRevision(revision=2, routes={"champion": Route(weights={1: 100})})
        raise AssertionError("revision 1 was read")

    rollout = read(log())  # type: ignore[arg-type]  # a generator that ends in an error
    assert rollout is not None
    assert rollout.incumbent == 1
