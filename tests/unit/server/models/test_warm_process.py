"""One warm process runs many tasks: each alone, bounded, and gone when it should be."""

import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from hotshelf_server.models.warm_process import MAX_SAID, ProcessLost, WarmProcess
from hotshelf_server.models.warm_process import start as start_process

RUNS_WHAT_IT_READS = """
import socket, sys
from hotshelf_server.core.forking import serve_forks

def task():
    exec(sys.stdin.read(), {})
    return 0

serve_forks(socket.socket(fileno=int(sys.argv[1])), task)
"""


def start(environment: dict[str, str] | None = None) -> WarmProcess:
    return WarmProcess((sys.executable, "-c", RUNS_WHAT_IT_READS), environment or {})


@pytest.fixture(scope="module")
def process() -> Iterator[WarmProcess]:
    with closing(start()) as warm:
        yield warm


def eventually(holds: Callable[[], bool]) -> bool:
    end = time.monotonic() + 20
    while not holds() and time.monotonic() < end:
        time.sleep(0.01)
    return holds()


def ended(number: int) -> bool:
    """Whether a process runs no more; one that waits for its parent to hear of it doesn't."""
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(") ")[2][0] == "Z"
    except OSError:
        return True


def open_descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_a_process_that_was_begun_runs_the_first_task() -> None:
    with closing(start()) as warm:
        warm.begin()
        assert warm._process is not None
        begun = warm._process.pid
        warm.begin()
        assert warm.run(b"import os; print(os.getppid())", 20.0).said == str(begun)


def test_a_process_that_can_not_begin_is_met_again_by_the_first_task() -> None:
    with closing(WarmProcess(("/nowhere/python",), {})) as warm:
        warm.begin()
        with pytest.raises(ProcessLost, match="/nowhere/python"):
            warm.run(b"", 20.0)


def test_a_task_reads_its_input_and_says_what_it_says(process: WarmProcess) -> None:
    found = process.run(b"import sys; print('out'); print('err', file=sys.stderr); raise SystemExit(3)", 20.0)
    assert (found.code, found.said, found.complaints) == (3, "out", "err")


def test_a_task_leaves_nothing_to_the_next(process: WarmProcess) -> None:
    process.run(b"import builtins, os; builtins.left = 1; os.environ['LEFT'] = '1'", 20.0)
    found = process.run(b"import builtins, os; print(hasattr(builtins, 'left'), os.environ.get('LEFT'))", 20.0)
    assert found.said == "False None"


def test_tasks_run_side_by_side_and_hear_their_own_answers(process: WarmProcess) -> None:
    def run(number: int) -> str:
        return process.run(b"import time; time.sleep(0.3); print(%d)" % number, 20.0).said

    began = time.monotonic()
    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(run, range(16))) == [str(number) for number in range(16)]
    assert time.monotonic() - began < 16 * 0.3


def test_a_task_is_not_kept_from_ending_by_one_that_began_later(process: WarmProcess, tmp_path: Path) -> None:
    wait_for = "import os, time\nwhile not os.path.exists({!r}): time.sleep(0.01)"
    with ThreadPoolExecutor(2) as pool:
        earlier = pool.submit(process.run, wait_for.format(str(tmp_path / "one")).encode(), 60.0)
        time.sleep(0.2)
        later = pool.submit(process.run, wait_for.format(str(tmp_path / "other")).encode(), 60.0)
        time.sleep(0.2)
        (tmp_path / "one").touch()
        try:
            assert earlier.result(20).code == 0
            assert not later.done()
        finally:
            (tmp_path / "other").touch()
        assert later.result(20).code == 0


def test_a_task_of_megabytes_arrives_whole(process: WarmProcess) -> None:
    found = process.run(b"x = '" + b"a" * 4_000_000 + b"'; print(len(x))", 20.0)
    assert found.said == "4000000"


def test_of_endless_words_the_last_are_kept(process: WarmProcess) -> None:
    found = process.run(b"for number in range(50_000): print('line', number)", 60.0)
    assert found.said.endswith("line 49999")
    assert len(found.said) <= MAX_SAID


def test_a_task_that_does_not_read_is_no_error(process: WarmProcess) -> None:
    exits_at_once = """
import os, socket, sys
from hotshelf_server.core.forking import serve_forks
serve_forks(socket.socket(fileno=int(sys.argv[1])), lambda: os._exit(5))
"""
    with closing(WarmProcess((sys.executable, "-c", exits_at_once), {})) as hasty:
        assert hasty.run(b"a" * 4_000_000, 20.0).code == 5


def test_a_task_out_of_time_is_killed_with_all_that_it_started(process: WarmProcess, tmp_path: Path) -> None:
    code = f"""
import os, pathlib, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(3600)"])
pathlib.Path({str(tmp_path / "new")!r}).write_text(f"{{os.getpid()}} {{child.pid}}")
os.rename({str(tmp_path / "new")!r}, {str(tmp_path / "pids")!r})
time.sleep(3600)
"""
    with pytest.raises(TimeoutError):
        process.run(code.encode(), 2.0)
    for number in (tmp_path / "pids").read_text().split():
        assert eventually(partial(ended, int(number)))


def test_what_a_task_started_ends_with_it(process: WarmProcess) -> None:
    # It holds the outputs open as well, which must not keep the caller waiting.
    code = b"""
import subprocess, sys
print(subprocess.Popen([sys.executable, "-c", "import time; time.sleep(3600)"]).pid)
"""
    began = time.monotonic()
    child = int(process.run(code, 60.0).said)
    assert time.monotonic() - began < 20
    assert eventually(lambda: ended(child))


def test_close_ends_the_process_and_its_tasks(tmp_path: Path) -> None:
    warm = start()
    code = f"""
import os, pathlib, time
pathlib.Path({str(tmp_path / "pid")!r}).write_text(str(os.getpid()))
time.sleep(3600)
"""
    with ThreadPoolExecutor(1) as pool:
        task = pool.submit(warm.run, code.encode(), 60.0)
        assert eventually(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text() != "")
        warm.close()
        with pytest.raises(ProcessLost):
            task.result(20)
    assert eventually(lambda: ended(int((tmp_path / "pid").read_text())))


def test_a_process_that_does_not_start_is_said_to_be_lost() -> None:
    with closing(WarmProcess((sys.executable, "-c", "raise SystemExit(1)"), {})) as warm, pytest.raises(ProcessLost):
        warm.run(b"", 20.0)


def test_descriptors_do_not_pile_up(process: WarmProcess) -> None:
    process.run(b"", 20.0)
    before = open_descriptors()
    counts = [int(process.run(b"import os; print(len(os.listdir('/proc/self/fd')))", 20.0).said) for _ in range(20)]
    assert open_descriptors() == before
    assert len(set(counts)) == 1


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no batch processes")
def test_tasks_compute_in_the_time_that_others_leave() -> None:
    code = b"""
import os
print(os.getpriority(os.PRIO_PROCESS, 0), os.environ["OMP_NUM_THREADS"], os.sched_getscheduler(0) == os.SCHED_BATCH)
"""
    with closing(start({"OMP_NUM_THREADS": "1"})) as warm:
        assert warm.run(code, 20.0).said == "19 1 True"


@pytest.mark.skipif(sys.platform != "linux", reason="other systems know no idle time")
def test_tasks_in_idle_time_leave_a_part_of_it_unused(process: WarmProcess) -> None:
    code = b"""
import time
end = time.monotonic() + 0.6
while time.monotonic() < end:
    pass
print(time.process_time())
"""
    assert float(process.run(code, 20.0, idle=True).said) < 0.6 * 0.6
    assert process.run(b"import os; print(os.sched_getscheduler(0) == os.SCHED_IDLE)", 20.0, idle=True).said == "True"


def test_several_servers_use_one_process_and_each_its_own_when_that_has_ended() -> None:
    parent = b"import os; print(os.getppid())"
    running, control = start_process((sys.executable, "-c", RUNS_WHAT_IT_READS), {})
    ends = [control, control.dup()]
    one, other = (WarmProcess((sys.executable, "-c", RUNS_WHAT_IT_READS), {}, end) for end in ends)
    with closing(one), closing(other):
        assert {warm.run(parent, 20.0).said for warm in (one, other, one)} == {str(running.pid)}
        running.kill()
        running.wait()
        assert len({str(running.pid), *(warm.run(parent, 20.0).said for warm in (one, other, one))}) == 3
