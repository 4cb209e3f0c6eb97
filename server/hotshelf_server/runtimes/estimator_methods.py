"""The methods of a scikit-learn estimator that give a servable's outputs: by the library, or compiled."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from threadpoolctl import ThreadpoolController

from hotshelf_server.core.errors import InvalidInput, ModelFault
from hotshelf_server.core.memory import return_unused
from hotshelf_server.runtimes.compiled import Program, compile_estimator, in_order
from hotshelf_server.runtimes.policy import RuntimePolicy

COMPILED, LIBRARY = "compiled", "scikit-learn"

Compute = Callable[[Any], Mapping[str, Any]]
"""From rows to what each output's method gives. Raises `InvalidInput` for rows that the estimator refuses."""


class Methods:
    """An estimator, and its methods ``names``, compiled where all of them are proved equal. Thread-safe."""

    def __init__(self, estimator: Any, names: Sequence[str], policy: RuntimePolicy) -> None:
        # Which would start threads with every call, whatever the policy allows.
        self._estimator = in_order(estimator) if policy.threads == 1 else estimator
        self._names = tuple(names)
        self._threads = policy.threads
        # Finding the libraries that have threads takes milliseconds, so it is done once: all of them are loaded by now.
        self._libraries = ThreadpoolController()
        self._programs: Mapping[str, Program] = {}
        if policy.engine != "library":
            with self._libraries.limit(limits=policy.threads):
                self._programs = compile_estimator(self._estimator, self._names)
            return_unused()  # to read trees takes several times what they take

    @property
    def engines(self) -> Mapping[str, Callable[[], Compute]]:
        """What makes each way to compute, the library's last."""
        ours: Mapping[str, Callable[[], Compute]] = {COMPILED: lambda: self._compute} if self._compiled else {}
        return {**ours, LIBRARY: lambda: self._ask}

    @property
    def row_by_row(self) -> bool:
        """Whether answers for a row are the same to the last bit, whatever rows come with it."""
        return self._compiled and all(program.row_by_row for program in self._programs.values())

    @property
    def _compiled(self) -> bool:
        return len(self._programs) == len(self._names)

    def _compute(self, rows: Any) -> Mapping[str, Any]:
        found = {name: program(rows) for name, program in self._programs.items()}
        return self._ask(rows) if any(values is None for values in found.values()) else found

    def _ask(self, rows: Any) -> Mapping[str, Any]:
        with self._libraries.limit(limits=self._threads):
            return {name: self._call(name, rows) for name in self._names}

    def _call(self, method: str, rows: Any) -> Any:
        try:
            return getattr(self._estimator, method)(rows)
        except ValueError as error:  # how scikit-learn refuses what it is given
            raise InvalidInput(f"the model refused the rows: {error}") from error
        except TypeError as error:
            raise ModelFault(f"the model failed on the rows: {error}") from error
