"""Asks a servable, and tells its faults from those of the caller."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import islice

from hotshelf_server.core.errors import FailedPrecondition, HotshelfError, ModelFault
from hotshelf_server.core.interfaces import Servable
from hotshelf_server.core.types import Answer, Parameters, Response, Responses, Tensors


def answer_of(servable: Servable, inputs: Tensors, parameters: Parameters) -> Answer:
    """What the model answers. Raises `ModelFault` for what it raises, unless it blames the caller."""
    with _faults():
        return servable.predict(inputs, parameters)


def each(responses: Responses) -> Responses:
    """The responses of a decoupled model, which hears when nobody wants more. Raises as `answer_of` does."""
    with closing(responses):
        while True:
            with _faults():
                response = next(responses, None)
            if response is None:
                return
            yield response


def predict_one(servable: Servable, inputs: Tensors, parameters: Parameters) -> Response:
    """The one response of a model. Raises `FailedPrecondition` when it gives none, or several."""
    answer = answer_of(servable, inputs, parameters)
    if isinstance(answer, Response):
        return answer
    with closing(each(answer)) as responses:
        found = list(islice(responses, 2))
    if len(found) != 1:
        raise FailedPrecondition(
            f"the model gave {'several responses' if found else 'no response'} to one request; a unary call can return "
            "exactly one: ask it with ModelStreamInfer"
        )
    return found[0]


@contextmanager
def _faults() -> Iterator[None]:
    try:
        yield
    except HotshelfError:
        raise
    except Exception as error:
        raise ModelFault(f"the model raised {type(error).__name__}: {error}") from error
