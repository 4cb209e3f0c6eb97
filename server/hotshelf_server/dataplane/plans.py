"""What a call to a model needs to know, looked up once: for calls like one that was answered before.

A plan holds for as long as the model's table and settings stand, and for `SECONDS` at most: then one call goes the
whole way again, which sees to all that is done for some of the calls only, such as exemplars.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from hotshelf_server.core.interfaces import Clock, RowByRow
from hotshelf_server.core.model_settings import ModelSettings
from hotshelf_server.core.types import Parameters, Response, Tensors, VersionId
from hotshelf_server.dataplane.shadow import ALIAS
from hotshelf_server.execution.admission import Admission
from hotshelf_server.execution.curve import Curve
from hotshelf_server.execution.executor import Executor
from hotshelf_server.models.harness import Harness
from hotshelf_server.models.leases import ModelTable, is_number
from hotshelf_server.models.manager import Manager
from hotshelf_server.observability.tallies import Tallies, Tally

SECONDS = 0.1
"""How long a plan holds."""

MAX_CURVES = 1024
"""Versions whose costs are known."""

Offer = Callable[[VersionId, Tensors, Tensors], None]
"""Takes the inputs and outputs of an answered call, to look at some of them later."""

NO_PARAMETERS: Parameters = {}


@dataclass(frozen=True, slots=True)
class Plan:
    """Where calls of one kind go while nothing changes; ``by_row`` as in the signature, ``joins``: whether calls may be
    computed together. ``until`` is on the monotonic clock."""

    table: ModelTable
    settings: ModelSettings
    harness: Harness
    tally: Tally
    curve: Curve
    by_row: bool
    joins: bool
    until: float


class Plans:
    """Makes plans, and computes by them on the thread that asks. Every doubt ends in None, and the usual way."""

    def __init__(
        self,
        manager: Manager,
        admission: Admission,
        executor: Executor,
        clock: Clock,
        *,
        tallies: Tallies,
        offer: Offer,
        traced: Callable[[], bool],
    ) -> None:
        """``traced``: whether somebody wants to hear of each call, and so each must go the whole way."""
        self._manager = manager
        self._tables = manager.tables
        self._admission = admission
        self._executor = executor
        self._monotonic = clock.monotonic
        self._tallies = tallies
        self.offer = offer
        """To be called with each answered call."""
        self._traced = traced
        self._curves: OrderedDict[VersionId, Curve] = OrderedDict()

    def make(self, model: str, version: str, reached: int) -> Plan | None:
        """A plan for calls that name a model's version, alias, or none, of which one has just reached a version.

        None where calls may go to several versions, be copied, joined, limited in number, or computed elsewhere.
        """
        table = self._manager.tables().get(model)
        if table is None or self._manager.loads_on_call or ALIAS in table.routes:
            return None
        if not is_number(version) and list(table.routes.get(version, ()) if version else table.default) != [reached]:
            return None
        harness = table.harnesses.get(reached)
        settings = self._executor.settings_of(model)
        limited = settings.batching is not None or settings.concurrency is not None
        servable = None if harness is None or harness.elsewhere or limited else harness.acquire()
        if harness is None or servable is None:
            return None
        by_row = servable.signature.by_row
        joins = by_row and isinstance(servable, RowByRow) and servable.row_by_row
        harness.release()
        return Plan(
            table,
            settings,
            harness,
            self._tallies.of(harness.id),
            self._curve(harness.id),
            by_row=by_row,
            joins=joins,
            until=self._monotonic() + SECONDS,
        )

    def compute(self, plan: Plan, inputs: Tensors) -> Tensors | None:
        """The outputs for inputs that fit the signature; None where the plan holds no more, or the model gives anything
        but one response without parameters."""
        servable = plan.harness.acquire() if self._holds(plan) else None
        if servable is None:
            return None
        try:
            answer = servable.predict(inputs, NO_PARAMETERS)
        except Exception:  # noqa: BLE001 - it is asked again the usual way, which tells whose fault it is
            return None
        finally:
            plan.harness.release()
        if not isinstance(answer, Response) or answer.parameters:
            return None
        return answer.outputs

    def _curve(self, version: VersionId) -> Curve:
        found = self._curves.get(version)
        if found is None:
            found = self._curves[version] = Curve()
            if len(self._curves) > MAX_CURVES:
                self._curves.popitem(last=False)
        return found

    def _holds(self, plan: Plan) -> bool:
        return (
            self._monotonic() < plan.until
            and self._tables().get(plan.table.model) is plan.table
            and not self._admission.closed
            and not self._traced()
            and self._executor.has_room(plan.harness.id, plan.settings)
        )
