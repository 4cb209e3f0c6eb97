"""Metrics of what models are asked and what they answer, from a sample of the calls."""

from hotshelf_server.observability.catalogue.spec import VERSION, Kind, MetricSpec, Over

VALUE_BUCKETS = (
    *(-1000.0, -100.0, -10.0, -5.0, -2.0, -1.0, -0.5, -0.2),
    *(0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0),
    *(2.0, 5.0, 10.0, 100.0, 1000.0),
)
"""Finest between 0 and 1, where probabilities are."""

DRIFT = MetricSpec(
    "hotshelf_input_drift_psi",
    Kind.GAUGE,
    "Population stability index of the last hour's inputs, in a sample, against those that the version learned from.",
    "Above 0.1, look; above 0.25, act: callers send other values, or units, than before, or the world has changed and "
    "the model is to be trained anew. Told from 200 rows on, of 64 features at most.",
    (*VERSION, "feature"),
    over=Over.MEAN,
)
DRIFT_ROWS = MetricSpec(
    "hotshelf_input_drift_rows",
    Kind.GAUGE,
    "Rows that hotshelf_input_drift_psi is computed from.",
    "Few: the index says little yet.",
    VERSION,
    over=Over.SUM,
)
OUTPUT_VALUE = MetricSpec(
    "hotshelf_output_value",
    Kind.HISTOGRAM,
    "Values of numeric outputs in a sample of the answers of ModelInfer; not summed, since values have both signs.",
    "Shifted against the version before it, or against yesterday: see hotshelf_input_drift_psi for the cause.",
    (*VERSION, "output"),
    bounds=VALUE_BUCKETS,
)
COVERAGE = MetricSpec(
    "hotshelf_recommendation_coverage_ratio",
    Kind.GAUGE,
    "Share of a recommender's products that this replica recommended in the last hour, or the hour that goes on.",
    "Falls against the version before it: everybody gets the same products. Grows with the traffic.",
    VERSION,
    "ratio",
    over=Over.HIGHEST,
)

DATA_METRICS = (DRIFT, DRIFT_ROWS, OUTPUT_VALUE, COVERAGE)
