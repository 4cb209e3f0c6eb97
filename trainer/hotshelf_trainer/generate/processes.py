"""Chunks made by several processes, in order, a few ahead of whoever takes them."""

import multiprocessing
from collections import deque
from collections.abc import Generator, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

from hotshelf_trainer.errors import DataError
from hotshelf_trainer.generate.chunk import Chunk, chunk_of
from hotshelf_trainer.generate.law import Law

AHEAD = 2
"""Chunks under way or waiting, for each process."""


def chunks(law: Law, processes: int) -> Generator[Chunk]:
    """All chunks of the law in order. One process makes them here; several make them beside whoever takes them.

    Raises ``DataError`` where a process dies.
    """
    processes = min(processes, law.chunks)
    if processes == 1:
        yield from (chunk_of(law, number) for number in range(law.chunks))
        return
    # Spawned: a fork of a process whose libraries have threads may wait for ever on a lock that one of them held.
    pool = ProcessPoolExecutor(processes, multiprocessing.get_context("spawn"))
    try:
        yield from _in_order(pool, law, AHEAD * processes)
    except BrokenProcessPool as error:
        raise DataError("a process that made purchases died; was there enough memory? Try fewer processes") from error
    finally:
        pool.shutdown(cancel_futures=True)


def _in_order(pool: ProcessPoolExecutor, law: Law, most: int) -> Iterator[Chunk]:
    waiting: deque[Future[Chunk]] = deque()
    for number in range(law.chunks):
        waiting.append(pool.submit(chunk_of, law, number))
        if len(waiting) == most:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()
