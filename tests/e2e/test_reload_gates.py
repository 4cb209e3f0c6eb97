"""What reloads may cost callers: nothing that can be counted. tests/benchmarks/reload_gates.py measures the times."""

import time
from pathlib import Path

from tests.e2e.reloads.judging import Verdict, judge
from tests.e2e.reloads.load import RELOADED
from tests.e2e.reloads.programme import Stage, failed, publish_all, publish_good, staged
from tests.e2e.reloads.sightings import failures, loads, pauses
from tests.e2e.reloads.versions import KINDS, Forest
from tests.e2e.server_process import wait_until

FOREST = Forest(features=3, leaves=4, least=2, most=60)
CALLS_PER_SECOND = 50.0


def verdict(stage: Stage) -> Verdict:
    """What became of all calls."""
    return judge(stage.load.end(), {one.model: one.answers for one in (stage.reloaded, stage.other)})


def test_good_and_bad_versions_come_in_without_a_failed_or_wrong_call_or_a_flicker_of_readiness(tmp_path: Path) -> None:
    publishes = 15
    # Less than the slow load of 10 s takes.
    with staged(tmp_path, FOREST, trial_seconds=8, calls_per_second=CALLS_PER_SECOND) as stage:
        # Returns only when each good version, after whichever bad one, has taken traffic: the watcher lives.
        progress = publish_all(stage, publishes, len(KINDS))
        assert len(progress.seconds) == publishes
        for version, kind in stage.reloaded.bad.items():
            wait_until(lambda version=version: failed(stage, version))  # type: ignore[misc]  # mypy knows no default
            assert KINDS[kind].words in failed(stage, version)[0]
        first = min(stage.reloaded.bad)
        wait_until(lambda: failures(stage.server, RELOADED)[first] >= 3)
        once, twice = pauses(loads(stage.server, RELOADED), first)[:2]
        assert once > 4.9
        assert twice > 9.9, "it waits longer each time"
        found = verdict(stage)
    assert found.calls > 0
    assert found.probes > 0
    assert (found.failed, found.wrong, found.unready) == ([], [], [])


def test_a_load_of_ten_seconds_comes_in_while_others_serve_and_load(tmp_path: Path) -> None:
    with staged(tmp_path, FOREST, trial_seconds=60, calls_per_second=CALLS_PER_SECOND) as stage:
        slow = stage.reloaded.publish_bad("slow load")
        stage.reloaded.answers[slow] = bytes(8 * len(FOREST.rows))
        wait_until(lambda: any(one.version == slow and not one.reason for one in loads(stage.server, RELOADED)))
        stage.load.wait_for(slow)
        publish_good(stage)
        found = verdict(stage)
    assert (found.failed, found.wrong, found.unready) == ([], [], [])


def test_versions_that_never_load_keep_neither_good_ones_nor_a_stop_waiting(tmp_path: Path) -> None:
    with staged(tmp_path, FOREST, trial_seconds=3600, calls_per_second=CALLS_PER_SECOND) as stage:
        for _ in range(3):  # there are two places
            stage.reloaded.publish_bad("endless load")
        publish_good(stage)
        publish_good(stage)
        found = verdict(stage)
        asked = time.monotonic()
        assert stage.server.terminate() == 0
        assert time.monotonic() - asked < 60
    assert (found.failed, found.wrong, found.unready) == ([], [], [])
