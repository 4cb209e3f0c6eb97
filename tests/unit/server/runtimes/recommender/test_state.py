import json
from pathlib import Path

import numpy as np
import pytest

from hotshelf_server.core.errors import BadBundle
from hotshelf_server.runtimes.recommender.state import CONFIG_FILE, as_arrays, load, save
from tests.unit.server.runtimes.recommender.small import small_state


def test_a_state_comes_back_to_the_bit(tmp_path: Path) -> None:
    state = small_state(frequency_decay_days=12.5, live=True)
    save(state, tmp_path)
    found = load(tmp_path)
    assert found.settings == state.settings
    assert found.facts.end == state.facts.end
    for name, array in as_arrays(state).items():
        np.testing.assert_array_equal(as_arrays(found)[name], array)


def test_nothing_in_a_bundle_is_pickled(tmp_path: Path) -> None:
    save(small_state(), tmp_path)
    for path in tmp_path.glob("*.npy"):
        np.load(path, allow_pickle=False)


def test_an_absent_array_is_named(tmp_path: Path) -> None:
    save(small_state(), tmp_path)
    (tmp_path / "learned_weights.npy").unlink()
    with pytest.raises(BadBundle, match=r"learned_weights\.npy"):
        load(tmp_path)


def test_arrays_that_contradict_each_other_are_refused(tmp_path: Path) -> None:
    save(small_state(), tmp_path)
    np.save(tmp_path / "facts_baskets.npy", np.ones(2, dtype=np.float32))
    with pytest.raises(BadBundle, match="facts_baskets: size 2, expected 3"):
        load(tmp_path)


def test_an_index_out_of_range_is_refused(tmp_path: Path) -> None:
    save(small_state(), tmp_path)
    np.save(tmp_path / "facts_product.npy", np.array([0, 1, 5], dtype=np.int32))
    with pytest.raises(BadBundle, match="facts_product"):
        load(tmp_path)


def test_a_bundle_of_other_features_is_refused(tmp_path: Path) -> None:
    save(small_state(), tmp_path)
    config = json.loads((tmp_path / CONFIG_FILE).read_text())
    config["features"][0] = "shoe_size"
    (tmp_path / CONFIG_FILE).write_text(json.dumps(config))
    with pytest.raises(BadBundle, match="shoe_size"):
        load(tmp_path)
