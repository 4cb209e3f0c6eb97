"""A complete run refuses skips that nobody allowed."""

import pytest

pytest_plugins = ["pytester"]

SKIPPING = """
import pytest

def test_runs(): pass

@pytest.mark.skip(reason="no data")
def test_without_data(): pass
"""


@pytest.fixture
def run(pytester: pytest.Pytester, request: pytest.FixtureRequest) -> pytest.Pytester:
    pytester.makeconftest((request.config.rootpath / "tests" / "conftest.py").read_text())
    pytester.makepyfile(test_sample=SKIPPING)
    return pytester


@pytest.mark.parametrize("workers", [(), ("-n", "1")], ids=["alone", "workers"])
def test_skip_outside_the_list_fails_the_run(run: pytest.Pytester, workers: tuple[str, ...]) -> None:
    run.maketxtfile(allowed="# none\n")
    result = run.runpytest("--allowed-skips", "allowed.txt", *workers)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["SKIPPED, but not allowed to be: test_sample.py::test_without_data"])


def test_skip_on_the_list_passes(run: pytest.Pytester) -> None:
    run.maketxtfile(allowed="test_sample.py::test_without_*  # needs data\n")
    assert run.runpytest("--allowed-skips", "allowed.txt").ret == pytest.ExitCode.OK


def test_whole_module_that_skips_itself_fails_the_run(run: pytest.Pytester) -> None:
    run.makepyfile(test_other="import pytest\npytest.skip('nothing here', allow_module_level=True)")
    run.maketxtfile(allowed="*test_without_*\n")
    assert run.runpytest("--allowed-skips", "allowed.txt").ret == pytest.ExitCode.TESTS_FAILED
