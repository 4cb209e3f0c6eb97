"""What servers count themselves is read from their metrics: answers, refusals, and not what callers broke off."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import pytest

from tests.benchmarks.speed.servers import mlserver, ours, triton
from tests.benchmarks.speed.servers.server import Counted, scraped
from tests.integration.benchmarks.answering import Quiet, answering

OURS = """\
# TYPE hotshelf_calls_total counter
hotshelf_calls_total{code="OK",method="ModelInfer",model="trees",version="1"} 100.0
hotshelf_calls_total{code="OK",method="ModelReady",model="trees",version="1"} 7.0
hotshelf_calls_total{code="CANCELLED",method="ModelInfer",model="trees",version="1"} 5.0
hotshelf_calls_total{code="RESOURCE_EXHAUSTED",method="ModelInfer",model="trees",version="1"} 3.0
"""
TRITON = """\
# TYPE nv_inference_request_success counter
nv_inference_request_success{model="trees",version="1"} 100
# TYPE nv_inference_request_failure counter
nv_inference_request_failure{model="trees",reason="CANCELED",version="1"} 5
nv_inference_request_failure{model="trees",reason="REJECTED",version="1"} 3
# TYPE nv_inference_count counter
nv_inference_count{model="trees",version="1"} 250
"""
MLSERVER = """\
# TYPE model_infer_request_success_total counter
model_infer_request_success_total{model="trees",version="None"} 100.0
# TYPE model_infer_request_success_created gauge
model_infer_request_success_created{model="trees",version="None"} 1.7e+09
# TYPE model_infer_request_failure_total counter
model_infer_request_failure_total{model="trees",version="None"} 3.0
"""


@contextmanager
def exporting(text: str) -> Iterator[int]:
    class Metrics(Quiet):
        def do_GET(self) -> None:  # noqa: N802 - the name that http.server calls
            self.send_response(200)
            self.end_headers()
            self.wfile.write(text.encode())

    with answering(Metrics) as port:
        yield port


@pytest.mark.parametrize(
    ("text", "is_answer"),
    [(OURS, ours.is_answer), (TRITON, triton.is_answer), (MLSERVER, mlserver.is_answer)],
    ids=["hotshelf", "triton", "mlserver"],
)
def test_answers_and_refusals_are_told_apart(
    text: str, is_answer: Callable[[str, Mapping[str, str]], bool | None]
) -> None:
    with exporting(text) as port:
        assert scraped(port, is_answer) == Counted(100.0, 3.0)
