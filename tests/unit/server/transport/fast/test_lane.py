"""Calls that wait for a pause are answered, with or without one."""

from concurrent.futures import Executor
from typing import Any

import grpc

from hotshelf_server.transport.fast import FastLane, FastMethod
from hotshelf_server.transport.fast.interface import MOST_EVENTS
from hotshelf_server.transport.fast.lane import Reply
from tests.fakes.grpc_core import FakeCore, serve

NAME = "/test.Service/Ask"
WAITS, COMES_AGAIN = b"waits", b"comes again"


class Waiting:
    """Takes the messages that are to wait."""

    def __init__(self) -> None:
        self.replies: list[Reply] = []

    @property
    def waiting(self) -> bool:
        return bool(self.replies)

    def take(self, content: bytes, deadline: float, reply: Reply) -> bool:
        if content == WAITS:
            self.replies.append(reply)
        return content == WAITS

    def finish(self) -> None:
        replies, self.replies = self.replies, []
        for reply in replies:
            reply(b"")

    def learn(self, content: bytes, request: Any, response: Any) -> None:
        return


def test_calls_that_wait_for_a_pause_are_answered_on_a_queue_that_is_never_empty() -> None:
    shortcut = Waiting()
    answered_after: list[int] = []

    def behave(content: bytes, _context: object) -> bytes:
        """Another call comes whenever one is answered."""
        answered_after.append(len(shortcut.replies))
        if len(answered_after) < 10 * MOST_EVENTS:
            core.come(COMES_AGAIN)
        return content

    core = FakeCore({NAME: grpc.unary_unary_rpc_method_handler(behave)})
    pool: Any = Executor()
    server: Any = core
    lane = FastLane(server, {NAME: FastMethod(lambda *_: True, pool, shortcut)})
    lane._ask()
    core.come(WAITS)
    core.come(COMES_AGAIN)
    serve(lane._interface)()
    assert len(answered_after) == 10 * MOST_EVENTS
    assert answered_after.index(0) <= MOST_EVENTS
    assert core.ended == len(answered_after) + 1
