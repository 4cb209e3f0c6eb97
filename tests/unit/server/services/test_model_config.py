"""Between settings and Triton's configuration."""

import json
from typing import Any

import pytest
from google.protobuf import json_format
from hypothesis import given
from hypothesis import strategies as st

from hotshelf.inference import model_config_pb2 as pb
from hotshelf_server.core.engines import Choice
from hotshelf_server.core.errors import InvalidInput
from hotshelf_server.core.model_settings import BatchingSettings, Latest, ModelSettings, QueueSettings, Specific
from hotshelf_server.core.types import Signature, TensorSpec
from hotshelf_server.services.model_config import DATA_TYPES, config_of, read_config
from hotshelf_store.tensors import DTYPES

ROWS = Signature((TensorSpec("x", "FP32", (-1, 4)),), (TensorSpec("y", "BYTES", (-1,)),))


def test_every_datatype_has_its_name_in_a_configuration() -> None:
    assert set(DATA_TYPES) == set(DTYPES)
    assert len(set(DATA_TYPES.values())) == len(DTYPES)


def test_a_model_that_is_not_batched_tells_its_shapes_whole() -> None:
    config = config_of("m", ROWS, ModelSettings())
    assert (config.name, config.max_batch_size) == ("m", 0)
    assert (list(config.input[0].dims), config.input[0].data_type) == ([-1, 4], pb.TYPE_FP32)
    assert (list(config.output[0].dims), config.output[0].data_type) == ([-1], pb.TYPE_STRING)
    assert not config.HasField("dynamic_batching")


def test_a_model_that_is_batched_leaves_the_batch_out_of_its_shapes() -> None:
    config = config_of("m", ROWS, ModelSettings(batching=BatchingSettings(max_rows=8)))
    assert config.max_batch_size == 8
    assert list(config.input[0].dims) == [4]
    assert list(config.output[0].dims) == []


def test_a_model_that_has_no_rows_is_never_batched() -> None:
    fixed = Signature((TensorSpec("x", "FP32", (2, 4)),), ())
    assert config_of("m", fixed, ModelSettings(batching=BatchingSettings(max_rows=8))).max_batch_size == 0


policies = st.one_of(
    st.sampled_from(["aliases", "all"]),
    st.builds(Latest, latest=st.integers(1, 9)),
    st.builds(Specific, specific=st.lists(st.integers(1, 9), min_size=1).map(tuple)),
)


@given(st.integers(2, 64), st.integers(0, 10**6), st.sets(st.integers(1, 2)), policies, st.integers(1, 20))
def test_what_a_configuration_says_is_read_as_it_was_meant(
    rows: int, delay: int, preferred: set[int], versions: Any, levels: int
) -> None:
    settings = ModelSettings(
        versions=versions,
        concurrency=3,
        queue=QueueSettings(max_waiting=7, priority_levels=levels, default_priority=1, timeout_seconds=0.25),
        batching=BatchingSettings(max_rows=rows, max_delay_seconds=delay / 1e6, preferred_rows=tuple(preferred)),
    )
    assert read_config(json_format.MessageToJson(config_of("m", ROWS, settings)), ModelSettings()) == settings


def test_the_engines_of_a_model_are_told_and_may_come_back() -> None:
    stated = ModelSettings(engine="auto", engine_tolerance=1e-6)
    config = config_of("m", ROWS, stated, Choice(("trees", "trees", "trees", "lightgbm"), "measured"))
    assert {name: one.string_value for name, one in config.parameters.items()} == {
        "engine_choice": "measured",
        "engine_rows_1": "trees",
        "engine_rows_8": "trees",
        "engine_rows_64": "trees",
        "engine_rows_512": "lightgbm",
    }
    assert read_config(json_format.MessageToJson(config), stated) == stated


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ("{", "is no ModelConfig in JSON"),
        ('{"nonsense": 1}', "nonsense"),
        (json.dumps({"sequence_batching": {}}), "sets sequence_batching, which is not served; expected some of"),
        (json.dumps({"dynamic_batching": {}, "max_batch_size": 1}), "batching.max_rows"),
        (json.dumps({"parameters": {"depth": {"string_value": "1"}}}), "sets parameters depth, which is not served"),
        (json.dumps({"dynamic_batching": {"preferred_batch_size": [99]}}), "preferred_rows 99, expected 1 to 64"),
    ],
)
def test_what_cannot_be_served_is_named(config: str, words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        read_config(config, ModelSettings())


def test_what_the_bundle_says_is_not_what_a_configuration_says() -> None:
    said = json.dumps({"name": "other", "platform": "onnx", "input": [{"name": "x"}]})
    assert read_config(said, ModelSettings()) == ModelSettings()
