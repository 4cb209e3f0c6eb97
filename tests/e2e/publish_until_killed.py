"""Publishes to a store over and over until it is killed. Forks, so that 200 of them start quickly."""

import os
import signal
import sys
import time
from pathlib import Path

from hotshelf_store import Manifest, open_store


def main(root: Path, bundle: Path, rounds: int) -> None:
    """Kill a publisher after each of ``rounds`` delays, spread over the time that a publication takes."""
    store = open_store(root)
    started = time.perf_counter()
    store.publish("m", bundle, Manifest(runtime="lightgbm"))
    usual = time.perf_counter() - started
    for number in range(rounds):
        child = os.fork()
        if child == 0:
            while True:
                store.publish("m", bundle, Manifest(runtime="lightgbm"))
        time.sleep(0.001 + 2 * usual * number / rounds)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
