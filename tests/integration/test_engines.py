"""A version serves at once, and is measured when the server rests; what was found is told, and kept."""

import json
from collections.abc import Mapping
from pathlib import Path
from urllib.request import urlopen

import grpc
import numpy as np
import pytest

from hotshelf.inference import open_inference_pb2 as pb
from hotshelf.inference.open_inference_pb2_grpc import GRPCInferenceServiceStub
from hotshelf_server.core.engines import SIZES
from hotshelf_server.runtimes.trees import Unsupported
from hotshelf_server.runtimes.trees.library import open_library
from hotshelf_store import Store
from tests.fakes.bundles import ROWS, prediction, publish_lightgbm
from tests.integration.conftest import Running, serving, wait_until


def require_trees() -> None:
    try:
        open_library()
    except Unsupported as reason:
        pytest.skip(str(reason))


def told(running: Running) -> Mapping[str, str]:
    with grpc.insecure_channel(running.address) as channel:
        config = GRPCInferenceServiceStub(channel).ModelConfig(pb.ModelConfigRequest(name="toy")).config
    return {name: one.string_value for name, one in config.parameters.items()}


def metrics(running: Running) -> str:
    with urlopen(running.metrics_url) as answer:
        text: str = answer.read().decode()
    return text


def answer(running: Running, rows: int) -> bytes:
    request = pb.ModelInferRequest(model_name="toy", raw_input_contents=[ROWS[:rows].tobytes()])
    request.inputs.add(name="input", datatype="FP64", shape=[rows, 3])
    with grpc.insecure_channel(running.address) as channel:
        found: bytes = GRPCInferenceServiceStub(channel).ModelInfer(request).raw_output_contents[0]
    return found


def test_a_choice_is_measured_told_and_remembered_by_the_next_server(tmp_path: Path, store: Store) -> None:
    publish_lightgbm(store, tmp_path / "bundle")
    settings = {"store": tmp_path / "store", "engine_folder": tmp_path / "engines"}
    expected = [prediction(3)[:rows].tobytes() for rows in (1, 60)]
    with serving(**settings) as running:
        assert [answer(running, rows) for rows in (1, 60)] == expected
        wait_until(lambda: told(running)["engine_choice"] == "measured")
        first = told(running)
        assert [answer(running, rows) for rows in (1, 60)] == expected
        text = metrics(running)
        for rows in SIZES:
            assert f'hotshelf_engine_info{{engine="{first[f"engine_rows_{rows}"]}",model="toy",rows="{rows}"' in text
            assert f'hotshelf_engine_row_seconds{{engine="lightgbm",model="toy",rows="{rows}",version="1"}}' in text
    with serving(**settings) as running:
        assert told(running) == {**first, "engine_choice": "remembered"}
        assert [answer(running, rows) for rows in (1, 60)] == expected


def test_onnxruntime_takes_part_where_a_tolerance_is_set_and_a_kept_choice_of_it_holds(
    tmp_path: Path, store: Store
) -> None:
    pytest.importorskip("onnxruntime", reason="onnxruntime isn't installed")
    require_trees()
    publish_lightgbm(store, tmp_path / "bundle")
    settings = {
        "store": tmp_path / "store",
        "engine_folder": tmp_path / "engines",
        "model_settings": {"toy": {"engine_tolerance": 1e-9}},
    }
    expected = [prediction(3)[:rows].tobytes() for rows in (1, 60)]
    with serving(**settings) as running:
        wait_until(lambda: told(running)["engine_choice"] == "measured")
        text = metrics(running)
        for rows in SIZES:
            assert f'hotshelf_engine_row_seconds{{engine="onnxruntime",model="toy",rows="{rows}",version="1"}}' in text
        assert "engine_difference" not in told(running)
        assert [answer(running, rows) for rows in (1, 60)] == expected
    (file,) = (tmp_path / "engines").iterdir()
    kept = json.loads(file.read_text())
    assert kept["key"]["tolerance"] == "1e-09"
    inexact = {**kept["choice"], "engines": ["onnxruntime"] * len(SIZES), "differences": {"onnxruntime": 2.5e-10}}
    file.write_text(json.dumps({**kept, "choice": inexact}))
    with serving(**settings) as running:
        assert told(running) == {
            "engine_choice": "remembered",
            **{f"engine_rows_{rows}": "onnxruntime" for rows in SIZES},
            "engine_difference": "2.5e-10",
        }
        assert 'hotshelf_engine_difference{engine="onnxruntime",model="toy",version="1"} 2.5e-' in metrics(running)
        assert [answer(running, rows) for rows in (1, 60)] == expected


@pytest.mark.parametrize(("engine", "name"), [("own", "trees"), ("library", "lightgbm")])
def test_an_operator_may_say_which_kind_computes(tmp_path: Path, store: Store, engine: str, name: str) -> None:
    require_trees()
    publish_lightgbm(store, tmp_path / "bundle")
    with serving(store=tmp_path / "store", model_settings={"*": {"engine": engine}}) as running:
        assert told(running) == {"engine_choice": "configured", **{f"engine_rows_{rows}": name for rows in SIZES}}
        assert np.frombuffer(answer(running, 2)).tolist() == prediction(3)[:2].tolist()
