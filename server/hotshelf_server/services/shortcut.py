"""The short way of ModelInfer: from bytes to bytes, for messages whose like was answered before.

Calls of one version that wait together are computed at once where that is cheaper and nobody can tell: no call waits
for others, but only for the moment in which no event is left on the queue.
"""

import logging
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import NamedTuple

from hotshelf.inference import open_inference_pb2 as pb
from hotshelf_server.core.interfaces import Clock
from hotshelf_server.core.types import Tensors
from hotshelf_server.dataplane.plans import Plan, Plans
from hotshelf_server.execution.batches import merge
from hotshelf_server.observability.tallies import Answered
from hotshelf_server.services.frames import Frame, beginning_of, learn

log = logging.getLogger(__name__)

MAX_KINDS = 1024
"""Kinds of messages that are known at once: the models, versions, and numbers of rows that clients ask for."""

MAX_BYTES = 8 << 10
"""Size of messages that are learned from; those that are answered at once are no larger."""

MAX_WAITING = 32
"""Calls that wait for a pause in the events; with so many there is none."""

MAX_SECONDS = 0.001
"""What the calls that wait may take one by one."""

SPARE_SECONDS = 0.02
"""A call with less time to its deadline goes the usual way, where it is looked at whether that is enough."""


MAX_MISFITS = 3
"""How often answers of a kind may have had another form than the one that was learned, before it is left alone: the
form depends on the tensors' elements, and each such call is computed twice."""


@dataclass(slots=True)
class _Kind:
    """``misfits``: see `MAX_MISFITS`; ``stale``: whether the latest answer was one, and so the frame must be learned
    anew."""

    frame: Frame
    reached: str
    plan: Plan | None
    misfits: int = 0
    stale: bool = False


class _Asked(NamedTuple):
    """A message that was read, from ``started`` to ``read`` on the monotonic clock, ``now`` since the epoch."""

    kind: _Kind
    identifier: bytes
    inputs: Tensors
    reply: Callable[[bytes | None], None]
    started: float
    read: float
    now: float


class _Computed(NamedTuple):
    """Outputs of calls that were computed at once: of so many rows in all, in so much time, on the monotonic clock."""

    outputs: Sequence[Tensors | None]
    rows: int
    begun: float
    ended: float


class InferShortcut:
    """For one thread: that on which messages are answered at once."""

    def __init__(self, plans: Plans, clock: Clock) -> None:
        self._plans = plans
        self._now, self._monotonic = clock.now, clock.monotonic
        self._kinds: OrderedDict[tuple[bytes, int], _Kind] = OrderedDict()
        self._met: OrderedDict[int, None] = OrderedDict()
        self._waiting: list[_Asked] = []

    @property
    def waiting(self) -> bool:
        """Whether calls wait for `finish`."""
        return bool(self._waiting)

    def take(self, content: bytes, deadline: float, reply: Callable[[bytes | None], None]) -> bool:
        """Whether a message is replied to, now or with `finish`: with its answer, or None for one that is to go the
        usual way after all. ``deadline``: seconds since the epoch."""
        started = self._monotonic()
        beginning = beginning_of(content)
        if beginning is None:
            return False
        model, identifier, at = beginning
        kind = self._kinds.get((model, len(content) - at))
        if kind is None or kind.plan is None:
            return False
        inputs, now = kind.frame.read(content, at), self._now()
        if inputs is None or deadline - now < SPARE_SECONDS:
            return False
        asked = _Asked(kind, identifier, inputs, reply, started, self._monotonic(), now)
        self._waiting.append(asked)
        if len(self._waiting) >= min(MAX_WAITING, kind.plan.curve.most(MAX_SECONDS)):
            self.finish()
        return True

    def finish(self) -> None:
        """Answer what waits."""
        waiting, self._waiting = self._waiting, []
        if len(waiting) == 1:
            self._answer(waiting)
            return
        groups: defaultdict[Hashable, list[_Asked]] = defaultdict(list)
        for asked in waiting:
            plan = asked.kind.plan
            groups[plan and plan.harness.id, asked.kind.frame.joins_as].append(asked)
        for group in groups.values():
            self._answer(group)

    def learn(self, content: bytes, request: pb.ModelInferRequest, response: pb.ModelInferResponse) -> None:
        """Hear how a message was answered the usual way. What is met for the second time is remembered."""
        beginning = beginning_of(content)
        if beginning is None or len(content) > MAX_BYTES:
            return
        key = beginning.model, len(content) - beginning.end
        kind, reached = self._kinds.get(key), response.model_version
        misfits = 0 if kind is None or kind.reached != reached else kind.misfits
        if misfits >= MAX_MISFITS:
            return
        if kind is None or kind.stale or kind.reached != reached or kind.frame.read(content, beginning.end) is None:
            frame = learn(content, request, response) if kind is not None or self._is_met_again(key) else None
            if frame is None:
                return
            kind = self._kinds[key] = _Kind(frame, reached, None, misfits)
            if len(self._kinds) > MAX_KINDS:
                self._kinds.popitem(last=False)
        kind.plan = self._plans.make(request.model_name, request.model_version, int(reached))

    def _answer(self, group: list[_Asked]) -> None:
        """Compute and answer calls of one version, together where that pays."""
        plan = group[0].kind.plan
        if plan is None:  # it was given up since the call was taken
            for asked in group:
                asked.reply(None)
        elif len(group) > 1 and plan.joins and plan.curve.pays(len(group)):
            self._answer_together(plan, group)
        else:
            for asked in group:
                self._answer_together(plan, [asked])

    def _answer_together(self, plan: Plan, group: list[_Asked]) -> None:
        try:
            computed = self._compute(plan, group)
            answers = [
                None if outputs is None else asked.kind.frame.write(asked.identifier, outputs)
                for asked, outputs in zip(group, computed.outputs, strict=True)
            ]
        except Exception:  # nobody else would ever reply
            log.exception("%d calls of %s go the usual way", len(group), plan.harness.id)
            for asked in group:
                asked.reply(None)
            return
        for asked, answer, outputs in zip(group, answers, computed.outputs, strict=True):
            if answer is None:
                _give_up(asked.kind, misfit=outputs is not None)
            try:
                asked.reply(answer)
            except Exception:  # the others still wait
                log.exception("a call of %s can't be replied to", plan.harness.id)
        if None in answers:
            group, computed = _answered(group, computed, answers)
        try:
            self._count(plan, group, computed)
        except Exception:
            log.exception("%d calls of %s can't be counted", len(group), plan.harness.id)

    def _compute(self, plan: Plan, group: list[_Asked]) -> _Computed:
        begun = self._monotonic()
        joined = group[0].inputs if len(group) == 1 else merge([asked.inputs for asked in group])
        outputs = self._plans.compute(plan, joined)
        sizes = [asked.kind.frame.rows if plan.by_row else 1 for asked in group]
        parts: Sequence[Tensors | None] = [outputs] * len(group)
        if outputs is not None and len(group) > 1:
            bounds = pairwise(accumulate(sizes, initial=0))
            parts = [{name: array[start:end] for name, array in outputs.items()} for start, end in bounds]
        ended = self._monotonic()
        if outputs is not None:
            plan.curve.add(len(group), ended - begun)
        return _Computed(parts, sum(sizes), begun, ended)

    def _count(self, plan: Plan, group: list[_Asked], computed: _Computed) -> None:
        """Calls were answered. All ended at about the same time; the first stands for their computation."""
        ended = self._monotonic()
        rows = computed.rows
        for asked, outputs in zip(group, computed.outputs, strict=True):
            if outputs is not None:
                self._plans.offer(plan, asked.inputs, outputs)
            plan.tally.add(
                Answered(
                    asked.kind.frame.rows if plan.by_row else 1,
                    rows,
                    asked.read - asked.started,
                    computed.begun - asked.read,
                    computed.ended - computed.begun,
                    ended - computed.ended,
                    ended - asked.started,
                    asked.now,
                )
            )
            rows = 0
        if plan.tally.full:
            plan.tally.settle()

    def _is_met_again(self, key: tuple[bytes, int]) -> bool:
        """Whether a message of this kind was met lately: to learn from each that comes but once would cost all."""
        mark = hash(key)
        if mark in self._met:
            del self._met[mark]
            return True
        self._met[mark] = None
        if len(self._met) > MAX_KINDS:
            self._met.popitem(last=False)
        return False


def _give_up(kind: _Kind, *, misfit: bool) -> None:
    """Let the next call of a kind go the usual way."""
    kind.plan = None
    if misfit and not kind.stale:  # of several calls that waited together, one counts
        kind.misfits += 1
        kind.stale = True


def _answered(
    group: Sequence[_Asked], computed: _Computed, answers: Sequence[bytes | None]
) -> tuple[list[_Asked], _Computed]:
    """Those calls that got an answer, which alone are counted here; the others will be where they are answered."""
    places = [place for place, answer in enumerate(answers) if answer is not None]
    return [group[place] for place in places], computed._replace(outputs=[computed.outputs[place] for place in places])
