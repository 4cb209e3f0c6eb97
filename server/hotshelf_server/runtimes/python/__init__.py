"""Models that are Python classes, named by the bundle and allowed by the operator.

The class has ``load(path)`` and ``predict(inputs, parameters)``; predict returns a dict of outputs, a `Response`, or an
iterator of either. It runs in a worker process of its own, which is killed when a call takes too long.
"""

from hotshelf_server.runtimes.python.servable import load

__all__ = ["load"]
