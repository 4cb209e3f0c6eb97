"""The fast lane: cheap calls are answered on the thread that polls gRPC's completion queue.

The stock server takes each call through a thread pool, a condition and some state objects, which costs several times
what a small model computes. Here chosen unary methods of the same server, on the same port, are taken straight from the
queue. What isn't cheap, or would have to wait, is handed to the same pool as ever.
"""

from hotshelf_server.transport.fast.interface import InterfaceChanged
from hotshelf_server.transport.fast.lane import FastLane, FastMethod, Shortcut
from hotshelf_server.transport.fast.self_test import prove

__all__ = ["FastLane", "FastMethod", "InterfaceChanged", "Shortcut", "prove"]
