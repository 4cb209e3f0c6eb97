"""A server's processes are found, measured and ended, those that it started itself too."""

import sys
from pathlib import Path

from tests.benchmarks.speed.processes import parents, started, tree
from tests.e2e.server_process import wait_until

CHILD = "import os, time; print(os.getppid(), flush=True); time.sleep(60)"
PARENT = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {CHILD!r}])"


def test_tree_holds_all_descendants_and_no_others() -> None:
    assert tree(2, {2: 1, 3: 2, 4: 3, 5: 1, 6: 5}) == {2, 3, 4}


def test_children_of_a_command_are_counted_and_end_with_it(tmp_path: Path) -> None:
    with started([sys.executable, "-c", PARENT], {}, tmp_path, tmp_path / "log") as processes:
        wait_until(lambda: processes.log)
        numbers = tree(int(processes.log), parents())
        assert len(numbers) == processes.count == 2
        assert processes.pss_mb > 1
        assert processes.cpu_seconds > 0
        assert not processes.ended
    assert processes.ended
    wait_until(lambda: not numbers & set(parents()))


def test_variables_and_folder_are_those_asked_for(tmp_path: Path) -> None:
    code = "import os, pathlib; print(os.environ['COLOUR'], pathlib.Path.cwd())"
    with started([sys.executable, "-c", code], {"COLOUR": "blue"}, tmp_path, tmp_path / "log") as processes:
        wait_until(lambda: processes.ended)
    assert processes.log.split() == ["blue", str(tmp_path.resolve())]
