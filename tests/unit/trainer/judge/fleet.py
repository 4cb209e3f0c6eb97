"""A fleet that counts what a test says."""

from collections import Counter

from hotshelf_trainer.judge.counts import Counts
from hotshelf_trainer.judge.observe import Seen


def counts(
    ok: int = 0, failed: int = 0, *, seconds: float = 0.01, slow: int = 0, score: int = 100, scored: bool = True
) -> Counts:
    """So many calls: answered in ``seconds``, some (``slow``) a hundred times slower; scores around a bucket."""
    latency = Counter({seconds: ok - slow, seconds * 100: slow})
    scores = Counter({score: ok // 2, score + 1: ok - ok // 2} if scored else {})
    return Counts(ok, failed, +latency, +scores)


class FakeFleet:
    """Replicas by name, their counts since each started, and those that do not answer."""

    def __init__(self, *names: str) -> None:
        self.replicas: dict[str, dict[int, Counts]] = {name: {} for name in names or ("a", "b")}
        self.silent: dict[str, str] = {}
        self.looks = 0

    def serve(self, replica: str, version: int, more: Counts) -> None:
        """Let a replica answer calls."""
        before = self.replicas[replica].get(version, Counts())
        self.replicas[replica][version] = before + more

    def restart(self, replica: str, name: str) -> None:
        """A new process, with a new name and no memory."""
        del self.replicas[replica]
        self.replicas[name] = {}

    def look(self) -> Seen:
        self.looks += 1
        answering = {name: dict(versions) for name, versions in self.replicas.items() if name not in self.silent}
        return Seen(answering, dict(self.silent))
