"""Which differences of libraries keep a worker from being used."""

import pytest

from hotshelf_trainer.scale_out.versions import differences

HERE = {
    "python": "3.11.7.final.0",
    "lightgbm": "4.6.0",
    "scikit-learn": "1.7.2",
    "numpy": "2.3.1",
    "pandas": "2.3.0",
    "hotshelf": "0.1.0",
}


def test_equal_libraries_and_other_patch_releases_are_no_difference() -> None:
    assert differences(HERE, {"tcp://a:1": HERE, "tcp://b:1": HERE | {"lightgbm": "4.6.1", "python": "3.11.2"}}) == []


@pytest.mark.parametrize(
    ("name", "version"),
    [("python", "3.12.7.final.0"), ("lightgbm", "4.5.0"), ("lightgbm", "3.3.5"), ("hotshelf", "0.1.1")],
)
def test_another_release_is_named_with_its_worker(name: str, version: str) -> None:
    found = differences(HERE, {"tcp://a:1": HERE, "tcp://b:1": HERE | {name: version}})
    assert found == [f"tcp://b:1 has {name} {version}, this process {HERE[name]}"]


def test_a_library_that_a_worker_lacks_is_missing() -> None:
    found = differences(HERE, {"tcp://a:1": {name: version for name, version in HERE.items() if name != "lightgbm"}})
    assert found == ["tcp://a:1 has lightgbm missing, this process 4.6.0"]
