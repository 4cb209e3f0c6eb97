"""Several engines for one version, whose answers are equal to the last bit, or as near as an operator admits: which
computes is a matter of speed."""

from hotshelf_server.runtimes.engines.engines import Engines
from hotshelf_server.runtimes.engines.kept import Kept
from hotshelf_server.runtimes.engines.machine import machine
from hotshelf_server.runtimes.engines.measurer import Measurer
from hotshelf_server.runtimes.engines.rest import Rest

__all__ = ["Engines", "Kept", "Measurer", "Rest", "machine"]
