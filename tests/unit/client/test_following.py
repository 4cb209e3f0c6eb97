"""Calls go where a channel was last led; those that run end where they began."""

from collections.abc import Callable
from typing import Any

import grpc
import pytest

from hotshelf_client.following import FollowingChannel

METHOD = "/test.Service/Method"


class FakeCall:
    """A call that ends when it is told to."""

    def __init__(self) -> None:
        self.callbacks: list[Callable[[], None]] = []
        self.ended = False

    def add_callback(self, callback: Callable[[], None]) -> bool:
        if not self.ended:
            self.callbacks.append(callback)
        return not self.ended

    def end(self) -> None:
        self.ended = True
        for callback in self.callbacks:
            callback()


class FakeMethod:
    """Answers with the number of its line."""

    def __init__(self, number: int, call: FakeCall) -> None:
        self.number = number
        self.call = call

    def __call__(self, request: str) -> str:
        if request == "fail":
            raise ValueError(request)
        return f"{request} on line {self.number}"

    def with_call(self, request: str) -> tuple[str, FakeCall]:
        return self(request), self.call

    def future(self, request: str) -> FakeCall:
        self(request)
        return self.call


class FakeChannel:
    """One of gRPC's, to a server that can be reached or can't."""

    def __init__(self, number: int, *, reachable: bool) -> None:
        self.number = number
        self.reachable = reachable
        self.closed = False
        self.call = FakeCall()

    def unary_unary(self, method: str, **_: Any) -> FakeMethod:
        return FakeMethod(self.number, self.call)

    def unary_stream(self, method: str, **_: Any) -> Any:
        return lambda request: self.call

    def subscribe(self, callback: Callable[[grpc.ChannelConnectivity], None], try_to_connect: bool = False) -> None:
        if self.reachable:
            callback(grpc.ChannelConnectivity.READY)

    def unsubscribe(self, callback: object) -> None:
        pass

    def close(self) -> None:
        self.closed = True


class Opened:
    """The channels that were opened so far."""

    def __init__(self) -> None:
        self.channels: list[FakeChannel] = []
        self.reachable = True

    def __call__(self) -> Any:
        self.channels.append(FakeChannel(len(self.channels), reachable=self.reachable))
        return self.channels[-1]

    @property
    def closed(self) -> list[bool]:
        return [one.closed for one in self.channels]


@pytest.fixture
def opened() -> Opened:
    return Opened()


@pytest.fixture
def channel(opened: Opened) -> FollowingChannel:
    return FollowingChannel(opened)


def test_calls_go_to_the_newest_line(channel: FollowingChannel) -> None:
    method = channel.unary_unary(METHOD, request_serializer=None)
    for number in range(3):
        assert method("asked") == f"asked on line {number}"
        assert method.with_call("asked")[0] == f"asked on line {number}"
        assert channel.renew()


def test_channel_that_was_never_used_opens_no_further_line(channel: FollowingChannel, opened: Opened) -> None:
    assert channel.renew()
    assert len(opened.channels) == 1


def test_line_that_reaches_no_server_takes_no_calls(channel: FollowingChannel, opened: Opened) -> None:
    method = channel.unary_unary(METHOD)
    method("asked")
    opened.reachable = False
    assert not channel.renew(ready_seconds=0.01)
    assert method("asked") == "asked on line 0"
    assert opened.closed == [False, True]


def test_line_that_was_left_is_closed_when_nothing_runs_on_it(channel: FollowingChannel, opened: Opened) -> None:
    channel.unary_unary(METHOD)("asked")
    with pytest.raises(ValueError, match="fail"):
        channel.unary_unary(METHOD)("fail")
    channel.renew()
    channel.tidy()
    assert opened.closed == [True, False]


@pytest.mark.parametrize("start", ["future", "stream"])
def test_line_that_was_left_is_closed_after_its_last_call(
    start: str, channel: FollowingChannel, opened: Opened
) -> None:
    begin = channel.unary_unary(METHOD).future if start == "future" else channel.unary_stream(METHOD)
    call = begin("asked")
    channel.renew()
    channel.tidy()
    assert opened.closed == [False, False]
    call.end()
    channel.tidy()
    assert opened.closed == [True, False]


def test_call_that_never_began_or_has_ended_already_holds_no_line(channel: FollowingChannel, opened: Opened) -> None:
    with pytest.raises(ValueError, match="fail"):
        channel.unary_unary(METHOD).future("fail")
    opened.channels[0].call.end()
    channel.unary_unary(METHOD).future("asked")
    channel.renew()
    channel.tidy()
    assert opened.closed == [True, False]


def test_closing_closes_every_line_and_opens_none(channel: FollowingChannel, opened: Opened) -> None:
    channel.unary_stream(METHOD)("asked")
    channel.renew()
    channel.close()
    channel.renew()
    assert opened.closed == [True, True]


def test_what_it_cannot_tell_it_refuses_to_tell(channel: FollowingChannel) -> None:
    with pytest.raises(NotImplementedError):
        grpc.channel_ready_future(channel).result(1)
