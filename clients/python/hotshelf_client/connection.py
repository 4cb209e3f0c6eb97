"""What a client holds of its servers: two channels, which follow the name that they lead to."""

import threading
import weakref
from collections.abc import Sequence
from functools import partial

import grpc

from hotshelf_client.channel import open_channel, target
from hotshelf_client.following import FollowingChannel
from hotshelf_client.names import Lookup, Name, followed

LOOK_SECONDS = 5.0
"""Between looks at a name: as long as the DNS of Kubernetes lets its answers be kept (CoreDNS, plugin kubernetes)."""

Forgettable = weakref.ref[FollowingChannel]


class Connection:
    """The channels to one address. Where it is a name, one thread looks it up now and again until this is closed."""

    def __init__(self, address: str, lookup: Lookup | None = None, seconds: float = LOOK_SECONDS) -> None:
        """``lookup`` is how the name is looked up (default: by the system), every so many ``seconds``."""
        self._over = threading.Event()
        opening = [partial(open_channel, address, only_healthy=healthy) for healthy in (True, False)]
        self._channels: Sequence[grpc.Channel]
        name = followed(target(address), lookup)
        if name is None:
            self._channels = [open_line() for open_line in opening]
            return
        following = [FollowingChannel(open_line) for open_line in opening]
        self._channels = following
        # The thread ends, too, with a client that was forgotten instead of closed.
        forgettable = [weakref.ref(channel) for channel in following]
        arguments = (name, seconds, forgettable, self._over)
        threading.Thread(target=_follow, args=arguments, daemon=True, name=f"addresses of {name}").start()

    @property
    def healthy(self) -> grpc.Channel:
        """To servers that say they should get traffic."""
        return self._channels[0]

    @property
    def any(self) -> grpc.Channel:
        """To servers whatever they say."""
        return self._channels[1]

    def close(self) -> None:
        """Give the connections back; calls that still run are cancelled."""
        self._over.set()
        for channel in self._channels:
            channel.close()


def _follow(name: Name, seconds: float, channels: Sequence[Forgettable], over: threading.Event) -> None:
    known: frozenset[str] = frozenset()
    doubtful = False
    while not over.wait(seconds):
        found = name.look() or known
        if found != known or doubtful:
            # Once more at the next look: caches of DNS disagree for a while, and gRPC may have asked another one.
            led = _renew(channels)
            doubtful = found != known or not led
            known = found
        if not _tidy(channels):
            return


def _renew(channels: Sequence[Forgettable]) -> bool:
    """Whether calls of all that are in use go where the name leads now."""
    led = [channel.renew() for reference in channels if (channel := reference())]
    return all(led)


def _tidy(channels: Sequence[Forgettable]) -> bool:
    """Whether anyone still follows."""
    present = [channel for reference in channels if (channel := reference())]
    for channel in present:
        channel.tidy()
    return bool(present)
