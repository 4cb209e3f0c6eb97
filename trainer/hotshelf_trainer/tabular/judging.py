"""The candidate beside its rivals on the test part: the figures, and what the gate says of them."""

from hotshelf_trainer.diagnosis.metrics import metric_of
from hotshelf_trainer.recipes import TabularRecipe
from hotshelf_trainer.table.champion import Champion, drift_since
from hotshelf_trainer.table.rivals import CHAMPION
from hotshelf_trainer.tabular.diagnoses import Diagnosis
from hotshelf_trainer.tabular.evaluation import Part, comparisons, scores, segments
from hotshelf_trainer.tabular.figures import Figures
from hotshelf_trainer.tabular.gate import Evidence, judge
from hotshelf_trainer.tabular.learner import TableLearner
from hotshelf_trainer.tabular.search import Found
from hotshelf_trainer.tabular.task import Task

TabularChampion = Champion[TabularRecipe]


def champions(task: Task, champion: TabularChampion | None) -> tuple[Part, ...]:
    """What the champion's recipe and parameters give when they learn from the same rows."""
    if champion is None:
        return ()
    said = champion.recipe
    recipe = task.recipe.model_copy(update={"estimator": said.estimator, "preprocessing": said.preprocessing})
    fitted = TableLearner(task.examples, recipe).fit(task.parts.learning, champion.parameters, said.seed)
    return (Part(CHAMPION, task.parts.test, fitted(task.parts.test)),)


def judged(
    task: Task,
    champion: TabularChampion | None,
    rivals: tuple[Part, ...],
    parts: tuple[Part, ...],
    found: Found,
) -> Figures:
    """All but the diagnosis. ``rivals``: the candidate, the champion where there is one, then the baselines."""
    recipe, examples = task.recipe, task.examples
    metric = metric_of(examples.task, recipe.metric)
    resamples, seed = recipe.gate.resamples, recipe.seed
    compared = comparisons(examples, metric, rivals, resamples, seed)
    guarded = segments(examples, metric, (rivals[0], rivals[1]), resamples, seed) if champion else ()
    evidence = Evidence(
        metric=metric.name,
        champion_version=champion.version if champion else 0,
        champion_note="its recipe and parameters learned from the same rows as the candidate",
        comparisons=compared,
        segments=guarded,
        leaks=task.leaks,
    )
    return Figures(
        metric=metric,
        scores=scores(examples, parts, resamples, seed),
        comparisons=compared,
        segments=guarded,
        search=found,
        split=task.parts,
        violations=task.violations,
        drift=drift_since(champion, task.features),
        diagnosis=Diagnosis(),
        verdict=judge(evidence, recipe.gate),
    )
