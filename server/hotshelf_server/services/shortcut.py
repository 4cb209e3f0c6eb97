"""The short way of ModelInfer: from bytes to bytes, for messages whose like was answered before.

Calls of one version that wait together are computed at once where that is cheaper and nobody can tell: no call waits
for others, but only for the moment in which no event is left on the queue.
"""

import logging
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Hashable
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
    """``model``: the beginning of messages without an id; ``start``: of these, all that comes before their contents;
    ``misfits``: see `MAX_MISFITS`; ``stale``: whether the latest answer was one, and so the frame must be learned anew.
    """

    frame: Frame
    reached: str
    plan: Plan | None
    model: bytes
    start: bytes
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
    """A computation of so many rows in all, on the monotonic clock."""

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
        self._last: _Kind | None = None
        self._waiting: list[_Asked] = []
        self._left = MAX_SECONDS
        """Of what the calls that wait may take."""

    @property
    def waiting(self) -> bool:
        """Whether calls wait for `finish`."""
        return bool(self._waiting)

    def take(self, content: bytes, deadline: float, reply: Callable[[bytes | None], None]) -> bool:
        """Whether a message is replied to, now or with `finish`: with its answer, or None for one that is to go the
        usual way after all. ``deadline``: seconds since the epoch."""
        started = self._monotonic()
        kind, identifier = self._last, b""
        if kind is not None and content.startswith(kind.start) and len(content) == len(kind.model) + kind.frame.size:
            # As the one before, and without an id, as most are: what is known of that needs no second look.
            inputs = kind.frame.tensors(content, len(kind.model))
        else:
            beginning = beginning_of(content)
            if beginning is None:
                return False
            model, identifier, at = beginning
            kind = self._last = self._kinds.get((model, len(content) - at))
            inputs = None if kind is None else kind.frame.read(content, at)
        if kind is None or kind.plan is None:
            self._last = None
            return False
        now = self._now()
        if inputs is None or deadline - now < SPARE_SECONDS:
            return False
        self._waiting.append(_Asked(kind, identifier, inputs, reply, started, self._monotonic(), now))
        cost = kind.plan.curve.alone(started)
        self._left -= cost
        if self._left < cost or len(self._waiting) >= MAX_WAITING:
            self.finish()
        return True

    def finish(self) -> None:
        """Answer what waits."""
        waiting, self._waiting, self._left = self._waiting, [], MAX_SECONDS
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
            self._last, model = None, beginning.model
            kind = self._kinds[key] = _Kind(frame, reached, None, model, model + frame.body, misfits)
            if len(self._kinds) > MAX_KINDS:
                self._kinds.popitem(last=False)
        kind.plan = self._plans.make(request.model_name, request.model_version, int(reached))

    def _answer(self, group: list[_Asked]) -> None:
        """Compute and answer calls of one version, together where that pays."""
        plan = group[0].kind.plan
        if plan is None:  # it was given up since the call was taken
            for asked in group:
                _reply(asked, None)
        elif len(group) > 1 and plan.joins and plan.curve.pays(len(group), group[0].read):
            self._answer_together(plan, group)
        else:
            for asked in group:
                self._answer_alone(plan, asked)

    def _answer_alone(self, plan: Plan, asked: _Asked) -> None:
        begun, kind = self._monotonic(), asked.kind
        try:
            outputs = self._plans.compute(plan, asked.inputs)
            ended = self._monotonic()
            answer = None if outputs is None else kind.frame.write(asked.identifier, outputs)
        except Exception:  # nobody else would ever reply
            log.exception("a call of %s goes the usual way", plan.harness.id)
            outputs = answer = None
        _reply(asked, answer)
        if outputs is None or answer is None:
            _give_up(kind, misfit=outputs is not None)
            return
        plan.curve.add(1, ended - begun, ended)
        self._count(plan, [(asked, outputs)], _Computed(kind.frame.rows if plan.by_row else 1, begun, ended))

    def _answer_together(self, plan: Plan, group: list[_Asked]) -> None:
        sizes = [asked.kind.frame.rows for asked in group]
        parts: list[Tensors] = []
        begun = self._monotonic()
        try:
            outputs = self._plans.compute(plan, merge([asked.inputs for asked in group]))
            ended = self._monotonic()
            if outputs is not None:
                bounds = pairwise(accumulate(sizes, initial=0))
                parts = [{name: array[one:end] for name, array in outputs.items()} for one, end in bounds]
            answers = [one.kind.frame.write(one.identifier, part) for one, part in zip(group, parts, strict=False)]
        except Exception:  # as above
            log.exception("%d calls of %s go the usual way", len(group), plan.harness.id)
            answers = []
        if not answers:
            for asked in group:
                _give_up(asked.kind, misfit=False)
                _reply(asked, None)
            return
        answered = []
        for asked, part, answer in zip(group, parts, answers, strict=True):
            _reply(asked, answer)
            if answer is None:
                _give_up(asked.kind, misfit=True)
            else:
                answered.append((asked, part))
        plan.curve.add(len(group), ended - begun, ended)
        self._count(plan, answered, _Computed(sum(sizes), begun, ended))

    def _count(self, plan: Plan, answered: list[tuple[_Asked, Tensors]], computed: _Computed) -> None:
        """Calls were answered, with these outputs. All ended at about the same time; the first stands for their
        computation."""
        rows, begun, ended = computed
        over, offer, add, version = self._monotonic(), self._plans.offer, plan.tally.add, plan.harness.id
        try:
            for (kind, _, inputs, _, started, read, now), outputs in answered:
                offer(version, inputs, outputs)
                mine = kind.frame.rows if plan.by_row else 1
                times = read - started, begun - read, ended - begun, over - ended, over - started
                add(Answered(mine, rows, *times, now))
                rows = 0
            if plan.tally.full:
                plan.tally.settle()
        except Exception:  # others still wait for their answers
            log.exception("%d calls of %s can't be counted", len(answered), version)

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


def _reply(asked: _Asked, answer: bytes | None) -> None:
    try:
        asked.reply(answer)
    except Exception:  # others still wait for theirs
        log.exception("a call can't be replied to")


def _give_up(kind: _Kind, *, misfit: bool) -> None:
    """Let the next call of a kind go the usual way."""
    kind.plan = None
    if misfit and not kind.stale:  # of several calls that waited together, one counts
        kind.misfits += 1
        kind.stale = True
