"""Looks at a canary again and again, and moves its share. Several judges of one model do no harm to each other.

Each change is a compare-and-set on the revision of the alias log that it was decided for. Evidence belongs to the
entry that set the present shares: when that is another by now, whoever made it, counting begins anew.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum

from hotshelf_store import CANDIDATE, CHAMPION, AliasRevision, Store, lead
from hotshelf_store.errors import AliasConflict, PromotionRefused, StoreUnavailable
from hotshelf_trainer.judge.counts import Window
from hotshelf_trainer.judge.observe import Seen
from hotshelf_trainer.judge.rollout import AUTHOR, Rollout, read
from hotshelf_trainer.judge.verdict import Action, Limits, Verdict, judge

MAX_RACES = 10
"""Times that one turn looks again because somebody else changed the aliases."""

WHOLE = 100
"""All traffic, in percent."""

MAX_REASON = 900
"""Characters of a reason; the alias log takes no more than 1,000."""


class End(Enum):
    """How a rollout ended."""

    CHAMPION = "the canary is champion"
    TAKEN_BACK = "the canary was taken back"
    REFUSED = "the gate refuses the canary"
    STOPPED = "somebody else decides"


@dataclass(frozen=True, slots=True)
class Ended:
    """The end of a rollout, and what led to it in words."""

    end: End
    words: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What to judge, and how.

    ``canary`` is a version, 0 for the candidate; ``steps`` its shares in percent, growing to 100. ``allow_missing``:
    raise it also while some replicas don't answer; ``again``: begin also with a canary that was taken back.
    """

    model: str
    canary: int = 0
    steps: Sequence[int] = (5, 10, 25, 50, 100)
    limits: Limits = field(default_factory=Limits)
    allow_missing: bool = False
    again: bool = False


class Judge:
    """One rollout. Holds nothing that is not in the alias log but the counts of the present step."""

    def __init__(self, plan: Plan, store: Store, look: Callable[[], Seen], say: Callable[[str], None]) -> None:
        """``look`` gives what the replicas counted; ``say`` takes a line for people."""
        self._plan = plan
        self._store = store
        self._look = look
        self._say = say
        self._canary = plan.canary
        self._champion = 0
        self._window = Window()
        self._step = 0
        """The revision of the alias log that the window belongs to."""

    def run(self, pause: Callable[[], None]) -> Ended:
        """Take turns, with a pause between them, until the rollout ends."""
        while (ended := self.turn()) is None:
            pause()
        return ended

    def turn(self) -> Ended | None:
        """Look once, and act on it. A store that can't be reached is waited for."""
        try:
            for _ in range(MAX_RACES):
                with suppress(AliasConflict):
                    return self._turn()
                self._say("somebody else changed the aliases: looking again")
        except PromotionRefused as error:
            return Ended(End.REFUSED, str(error))
        except StoreUnavailable as error:
            self._say(f"held: {error}")
        return None

    def _turn(self) -> Ended | None:
        rollout = read(self._store.alias_log(self._plan.model))
        if rollout is None:
            return Ended(End.STOPPED, f"model {self._plan.model!r} has no champion to compare with")
        ended = self._begin(rollout) if not self._champion else self._follow(rollout)
        if ended:
            return ended
        if self._step != rollout.since:
            self._window, self._step = Window(), rollout.since
        seen = self._look()
        self._window.add(seen.replicas)
        verdict = self._verdict(rollout, seen)
        match verdict.action:
            case Action.RAISE:
                return self._raise(rollout, verdict.reason)
            case Action.TAKE_BACK:
                return self._take_back(rollout, verdict.reason)
        self._say(f"held at {rollout.share:g} %: {verdict.reason}")
        return None

    def _begin(self, rollout: Rollout) -> Ended | None:
        """The first look: choose the canary, or go on with the one that a judge let in."""
        canary = rollout.canary or self._canary or self._candidate()
        if not canary:
            return Ended(End.STOPPED, "there is no candidate to judge")
        if self._canary not in (0, canary):
            return Ended(End.STOPPED, f"version {canary} is being judged already, not version {self._canary}")
        if set(rollout.weights) == {canary}:
            return Ended(End.CHAMPION, f"version {canary} is champion already")
        if not rollout.canary and len(rollout.weights) > 1:
            return Ended(End.STOPPED, f"{_made(rollout)}: a judge begins with a champion alone")
        if rollout.taken_back(canary) and not self._plan.again:
            return Ended(End.TAKEN_BACK, rollout.reason)
        self._canary, self._champion = canary, rollout.incumbent
        return None

    def _follow(self, rollout: Rollout) -> Ended | None:
        """Each later look: is it still this rollout?"""
        if rollout.since == self._step:
            return None
        if rollout.canary == self._canary and rollout.incumbent == self._champion:
            return None  # another judge has moved it
        if set(rollout.weights) == {self._canary} and rollout.mine:
            return Ended(End.CHAMPION, rollout.reason)
        if rollout.taken_back(self._canary):
            return Ended(End.TAKEN_BACK, rollout.reason)
        return Ended(End.STOPPED, _made(rollout))

    def _candidate(self) -> int:
        return lead(self._store.aliases(self._plan.model), CANDIDATE)

    def _verdict(self, rollout: Rollout, seen: Seen) -> Verdict:
        if rollout.canary:
            verdict = judge(self._window.counts(self._champion), self._window.counts(self._canary), self._plan.limits)
        else:
            verdict = Verdict(Action.RAISE, f"begins beside champion {self._champion}")
        missing = "; ".join(f"{address} does not answer ({why})" for address, why in seen.silent.items())
        partial = not seen.replicas or (missing and not self._plan.allow_missing)
        if verdict.action is Action.RAISE and partial:
            return Verdict(Action.HOLD, missing or "no replica answers")
        return verdict

    def _raise(self, rollout: Rollout, reason: str) -> Ended | None:
        step = next(step for step in self._plan.steps if step > rollout.share)
        shares = {self._champion: 100 - step, self._canary: step} if step < WHOLE else {self._canary: WHOLE}
        words = f"canary {self._canary} from {rollout.share:g} % to {step} %: {reason}"
        moved = self._move(rollout, shares, words)
        if step == WHOLE:
            return Ended(End.CHAMPION, words)
        # What was counted up to now has been used: the next step stands on what comes after.
        self._window, self._step = Window(), moved.revision
        self._window.add(self._look().replicas)
        return None

    def _take_back(self, rollout: Rollout, reason: str) -> Ended:
        words = f"canary {self._canary} taken back from {rollout.share:g} %: {reason}"
        self._move(rollout, {self._champion: WHOLE}, words)
        return Ended(End.TAKEN_BACK, words)

    def _move(self, rollout: Rollout, shares: Mapping[int, int], words: str) -> AliasRevision:
        moved = self._store.set_alias(
            self._plan.model,
            CHAMPION,
            shares,
            author=AUTHOR,
            reason=words[:MAX_REASON],
            expected_revision=rollout.revision,
        )
        self._say(words)
        return moved


def _made(rollout: Rollout) -> str:
    shares = ", ".join(f"{version}={weight}" for version, weight in sorted(rollout.weights.items()))
    return f"{rollout.author or 'somebody'} set champion to {shares} in revision {rollout.since}: {rollout.reason}"
