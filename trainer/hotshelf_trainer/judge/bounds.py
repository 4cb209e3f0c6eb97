"""The few statistics by which a canary is compared with the champion. All bounds are one-sided.

- E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927): the interval of
  a proportion.
- R. G. Newcombe, "Interval estimation for the difference between independent proportions", Statistics in Medicine 17
  (1998), method 10: the interval of a difference, from the two Wilson intervals.
- P. Massart, "The tight constant in the Dvoretzky-Kiefer-Wolfowitz inequality", Annals of Probability 18 (1990): how
  far an empirical distribution is from the true one at most.
"""

import math
from collections.abc import Mapping
from statistics import NormalDist


def wilson(hits: float, trials: int, confidence: float) -> tuple[float, float]:
    """Lower and upper bound of a proportion, each at this confidence; (0, 1) without trials."""
    if not trials:
        return 0.0, 1.0
    z = NormalDist().inv_cdf(confidence)
    rate, weight = hits / trials, z * z / trials
    middle = rate + weight / 2
    half = z * math.sqrt(rate * (1 - rate) / trials + weight / trials / 4)
    return max(0.0, (middle - half) / (1 + weight)), min(1.0, (middle + half) / (1 + weight))


def difference(hits: int, trials: int, other_hits: int, other_trials: int, confidence: float) -> tuple[float, float]:
    """Lower and upper bound of the first proportion less the other, each at about this confidence."""
    rate, other = hits / max(1, trials), other_hits / max(1, other_trials)
    low, high = wilson(hits, trials, confidence)
    other_low, other_high = wilson(other_hits, other_trials, confidence)
    between = rate - other
    return between - math.hypot(rate - low, other_high - other), between + math.hypot(high - rate, other - other_low)


def quantile(buckets: Mapping[float, int], share: float) -> float:
    """The upper end of the bucket in which that share of the counts is reached; 0 without any."""
    reached, wanted = 0, share * sum(buckets.values())
    for end in sorted(buckets):
        reached += buckets[end]
        if reached >= wanted:
            return end
    return 0.0


def distance(some: Mapping[int, int], others: Mapping[int, int]) -> float:
    """The Kolmogorov-Smirnov distance of two histograms over the same ordered buckets: 0 equal, 1 apart."""
    total, other_total = max(1, sum(some.values())), max(1, sum(others.values()))
    reached = other_reached = 0
    largest = 0.0
    for bucket in sorted(some.keys() | others.keys()):
        reached += some.get(bucket, 0)
        other_reached += others.get(bucket, 0)
        largest = max(largest, abs(reached / total - other_reached / other_total))
    return largest


def uncertainty(trials: int, confidence: float) -> float:
    """How far a distribution of so many trials is from the true one at most, at this confidence."""
    return math.sqrt(math.log(2 / (1 - confidence)) / (2 * max(1, trials)))
