"""The servable of the python runtime."""

from collections.abc import Mapping
from pathlib import Path

from hotshelf_server.core.errors import BadBundle, ModelFault
from hotshelf_server.core.types import Answer, Parameters, Response, Signature, Tensors
from hotshelf_server.runtimes.conformance import misfit
from hotshelf_server.runtimes.policy import RuntimePolicy
from hotshelf_server.runtimes.python.host import WorkerHost

ENTRYPOINT = "entrypoint"


class PythonServable:
    """A class in a worker process; what it returns is held to the signature, since nobody else vouches for it."""

    def __init__(self, host: WorkerHost, signature: Signature) -> None:
        self._host = host
        self.signature = signature

    @property
    def process(self) -> int | None:
        """The worker's process id."""
        return self._host.process

    def predict(self, inputs: Tensors, parameters: Parameters) -> Answer:
        """Ask the worker."""
        return self._host.call(inputs, parameters, self._held)

    def _held(self, response: Response) -> Response:
        """The response, held to the signature."""
        if wrong := misfit(self.signature, response):
            raise ModelFault(wrong)
        return response

    def close(self) -> None:
        """End the worker."""
        self._host.close()


def load(folder: Path, signature: Signature, options: Mapping[str, str], policy: RuntimePolicy) -> PythonServable:
    """Start the class that option ``entrypoint`` (module:Class) names, if the operator allows its module."""
    entrypoint = options.get(ENTRYPOINT, "")
    module, colon, name = entrypoint.partition(":")
    if not (module and colon and name):
        raise BadBundle(f"entrypoint {entrypoint!r}: expected module:Class")
    if not any(module == allowed or module.startswith(f"{allowed}.") for allowed in policy.python_modules):
        raise BadBundle(f"module {module!r} is not allowed here; an operator allows it with --allow-python {module}")
    return PythonServable(WorkerHost(entrypoint, folder, policy), signature)
