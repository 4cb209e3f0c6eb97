"""What a worker says is read as it was meant, whatever else comes out of its process."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotshelf_trainer.jobs.said import GaveUp, Published, Said, SaidProgress, line_of, said_in
from hotshelf_trainer.jobs.training import MAX_LINE, LogLine, StageProgress
from tests.fakes.clock import FakeClock

text = st.text(max_size=50).filter(lambda words: "\0" not in words)
said = st.one_of(
    st.builds(StageProgress, text, st.floats(0, 1), over=st.booleans(), seconds=st.floats(0, 1e6)),
    st.builds(LogLine, text),
    st.builds(Published, version=st.integers(1), passed=st.booleans(), note=text),
    st.builds(GaveUp, text, mistake=st.booleans()),
)


@given(said)
def test_what_is_said_is_one_line_and_comes_back(one: Said) -> None:
    line = line_of(one)
    assert "\n" not in line
    assert said_in(line.encode()) == one


@given(st.binary())
def test_whatever_else_a_process_writes_is_a_line_of_the_log(line: bytes) -> None:
    assert isinstance(said_in(line), LogLine)


@pytest.mark.parametrize("line", ['{"kind": "ended"}', '{"kind": "log"}', '{"kind": ["log"]}', "[1]", "null", "7"])
def test_json_that_is_not_ours_is_a_line_of_the_log(line: str) -> None:
    assert said_in(line.encode()) == LogLine(line)


def test_a_stage_tells_its_begin_its_end_and_shares_once_a_second() -> None:
    clock, told = FakeClock(0.0), list[Said]()
    with SaidProgress(told.append, clock.monotonic).stage("Fitting") as share:
        for step in range(30):
            share(step / 30)
            clock.advance(0.125)
    assert told[0] == StageProgress("Fitting", 0.0, over=False, seconds=0.0)
    assert told[-1] == StageProgress("Fitting", 1.0, over=True, seconds=3.75)
    assert [one.seconds for one in told[1:-1] if isinstance(one, StageProgress)] == [1.0, 2.0, 3.0]


def test_what_is_said_is_cut_into_lines_of_bounded_length() -> None:
    told = list[Said]()
    SaidProgress(told.append).say("one\n" + "x" * 5_000)
    assert told == [LogLine("one"), LogLine("x" * MAX_LINE)]
    assert json.loads(line_of(told[0])) == {"kind": "log", "text": "one"}
