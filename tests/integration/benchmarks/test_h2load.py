"""A run that is void leaves nothing behind that would count in the next one. A script stands for h2load."""

import os
from pathlib import Path

import pytest

from tests.benchmarks.speed.cells import Cell
from tests.benchmarks.speed.load import Message, Void, call
from tests.benchmarks.speed.oip import OIP
from tests.benchmarks.speed.wire import Target

SCRIPT = """\
#!/bin/sh
for argument in "$@"; do
  case $argument in --log-file=*) log=${argument#--log-file=} ;; esac
done
printf '1000000\\t200\\t500000\\n2000000\\t200\\t500000\\n' >>"$log"
echo "requests: 2 total, 2 started, 2 done, 2 succeeded, 0 failed, 0 errored, 0 timeout"
echo "traffic: 1KB (1024) total, 10B (10) headers (space savings 90%), 96B (96) data"
"""


def test_logs_of_a_void_run_do_not_count_in_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = tmp_path / "bin" / "h2load"
    script.parent.mkdir()
    script.write_text(SCRIPT)
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{script.parent}:{os.environ['PATH']}")
    target, cell = Target(1, OIP), Cell("trees", 1, 1)
    with pytest.raises(Void, match="2 calls were answered by 96 bytes instead of 98"):
        call(target, cell, [Message(tmp_path / "message", 49)], 2.0, tmp_path)
    assert call(target, cell, [Message(tmp_path / "message", 48)], 2.0, tmp_path).answers == 2
