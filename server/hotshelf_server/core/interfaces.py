"""The seams of the server: what one layer expects of another. Each has a twin in tests/fakes/."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from hotshelf_server.core.clock import Clock
from hotshelf_server.core.engines import Choice
from hotshelf_server.core.recommendation import Query, Recommendations
from hotshelf_server.core.types import Answer, Parameters, Response, Signature, Tensors

__all__ = ["Choosing", "Clock", "Elsewhere", "Proving", "Recommender", "Servable"]


class Servable(Protocol):
    """A loaded version. ``predict`` may be called from several threads at once."""

    @property
    def signature(self) -> Signature:
        """The tensors that ``predict`` takes and gives."""
        ...

    def predict(self, inputs: Tensors, parameters: Parameters) -> Answer:
        """Compute every output for inputs that were checked against the signature."""
        ...

    def close(self) -> None:
        """Give back what the servable holds; called once, after its last lease."""
        ...


@runtime_checkable
class Recommender(Protocol):
    """A servable that also answers typed recommendation queries."""

    def recommend(self, query: Query) -> Recommendations:
        """The best products for one customer; an unknown customer gets popular ones, and is told so."""
        ...


@runtime_checkable
class Elsewhere(Protocol):
    """A servable that computes in a process of its own, and so takes none of this one's places."""

    @property
    def process(self) -> int | None:
        """The process id; None while there is no process."""
        ...


@runtime_checkable
class RowByRow(Protocol):
    """A servable that says whether its answer for a row is the same, to the last bit, whatever rows come with it."""

    @property
    def row_by_row(self) -> bool:
        """True where it is: then calls may be computed together without anybody being able to tell."""
        ...


@runtime_checkable
class Proving(Protocol):
    """A servable whose load proved what another load of the same files on this machine may take for granted."""

    @property
    def proved(self) -> Sequence[str]:
        """Names of files; what it is that was proved of them is the runtime's affair."""
        ...


@runtime_checkable
class Choosing(Servable, Protocol):
    """A servable that has several engines to compute with, all of them equal to the last bit, or near enough."""

    @property
    def tolerance(self) -> float | None:
        """How far an engine's answers may be from the library's; None or 0: they must be equal to the last bit."""
        ...

    @property
    def candidates(self) -> Sequence[str]:
        """The engines that there are, the library itself last."""
        ...

    @property
    def choice(self) -> Choice:
        """Which of them compute now."""
        ...

    def make_ready(self, engine: str) -> float | None:
        """Do what an engine needs before it computes, and what is not done at load, since it may never be chosen.

        Returns the largest difference from the library's answers that was found on the way; None where there was none,
        to the last bit. Raises `HotshelfError` for an engine that can't take this model, and `KeyError` as
        `predict_with`.
        """
        ...

    def predict_with(self, engine: str, inputs: Tensors) -> Response:
        """Compute as ``predict`` does, by one of the candidates. Raises `KeyError` for another."""
        ...

    def settle(self, choice: Choice) -> None:
        """Compute by a choice, for good: what isn't chosen may be given up. Raises `KeyError` as `predict_with`."""
        ...
