"""The catalogue says of every metric what operators need, in the words of Prometheus."""

from itertools import pairwise

import pytest

from hotshelf_server.observability.catalogue import CATALOGUE, TRITON_METRICS, Kind, MetricSpec

OURS = [spec for spec in CATALOGUE if spec not in TRITON_METRICS]


def name_of(spec: MetricSpec) -> str:
    return spec.name


def test_no_two_metrics_share_a_name() -> None:
    assert len({spec.exported for spec in CATALOGUE}) == len(CATALOGUE)


@pytest.mark.parametrize("spec", CATALOGUE, ids=name_of)
def test_a_metric_says_what_it_is_and_what_to_do_about_it(spec: MetricSpec) -> None:
    assert spec.help.endswith(".")
    assert spec.action.endswith(".")
    assert "|" not in spec.help + spec.action  # they are cells of a table


@pytest.mark.parametrize("spec", OURS, ids=name_of)
def test_a_name_ends_with_its_unit_and_not_with_what_the_formats_add(spec: MetricSpec) -> None:
    assert spec.name.startswith(("hotshelf_", "process_", "python_"))
    assert not spec.name.endswith(("_total", "_count", "_sum", "_bucket"))
    assert spec.name.endswith(spec.unit)


@pytest.mark.parametrize("spec", CATALOGUE, ids=name_of)
def test_histograms_alone_have_bounds_and_these_ascend(spec: MetricSpec) -> None:
    assert bool(spec.bounds) == (spec.kind is Kind.HISTOGRAM)
    assert all(low < high for low, high in pairwise(spec.bounds))
