"""What a training leaves behind beside the model, for the manifest and the report."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from hotshelf_trainer.diagnosis.drift import Drift
from hotshelf_trainer.diagnosis.intervals import Estimate
from hotshelf_trainer.diagnosis.metrics import Metric
from hotshelf_trainer.table.contract import Violation
from hotshelf_trainer.table.rivals import Comparison
from hotshelf_trainer.tabular.diagnoses import Diagnosis
from hotshelf_trainer.tabular.evaluation import Segment
from hotshelf_trainer.tabular.search import Found
from hotshelf_trainer.tabular.splits import Split
from hotshelf_trainer.verdict import Check, Verdict


@dataclass(frozen=True, slots=True)
class Figures:
    """All that was found."""

    metric: Metric
    scores: Mapping[str, Mapping[str, Estimate]]
    """By metric, then by part: train, cross-validation, test."""
    comparisons: Mapping[str, Comparison]
    """By the rival's name, on the test part."""
    segments: Sequence[Segment]
    search: Found
    split: Split
    violations: Sequence[Violation]
    drift: Sequence[Drift]
    """Of the features, since the champion was trained; most moved first."""
    diagnosis: Diagnosis
    verdict: Verdict

    def also(self, *checks: Check) -> "Figures":
        """With further checks in the verdict."""
        return replace(self, verdict=self.verdict.also(*checks))
