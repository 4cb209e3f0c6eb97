"""How often a gate's superiority test should be right, for simulations of it."""

import pytest

CANDIDATES = 200

cases = pytest.mark.parametrize(
    ("standard_errors", "least", "most"),
    [
        pytest.param(0, 0, 20, id="equal to the champion: at most one in ten, where one in twenty is meant"),
        pytest.param(2, 105, 200, id="better by two standard errors: more than half"),
        pytest.param(3, 165, 200, id="better by three: four of five"),
    ],
)
"""By how much candidates are truly better, and how many of them may and must be found superior."""
