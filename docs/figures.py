"""Writes the figures of docs/training.md from trainings on purchases: ``make figures DATA=online_retail.parquet``.

The file has the columns of UCI Online Retail. Figures stand between a comment that names them and the comment ``end``;
everything else in the page is written by hand.
"""

import argparse
import json
import re
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from hotshelf_store import open_store
from hotshelf_trainer.console import RichProgress
from hotshelf_trainer.outcome import JSON_FILE
from hotshelf_trainer.recipes import read
from hotshelf_trainer.recipes.given import Given, with_given
from hotshelf_trainer.training import train

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "training.md"
RECIPES = ROOT / "trainer" / "recipes"
CHURN, SHOP = "churn", "online-retail"
OVERRIDES = {CHURN: ["diagnosis.nested=true"], SHOP: ["capacity.customers=null"]}
"""What the page shows beyond what a training tells by default, by recipe."""
BLOCK = re.compile(r"(<!-- figures: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)

Found = Mapping[str, Any]
WORDS = {"best": "best", "level": "as good, within chance", "overfitted": "**overfits**", "underfitted": "underfits"}


def capacity(found: Found) -> Iterator[str]:
    """The capacity curve's points."""
    return _curve(found[CHURN]["diagnosis"]["capacity"])


def ranker(found: Found) -> Iterator[str]:
    """The same of the recommender's mixed head."""
    return _curve(found[SHOP]["capacity"])


def _curve(curve: Found) -> Iterator[str]:
    yield f"| leaves | trees | train {curve['metric']} | held out [95 %] | |"
    yield "|---|---|---|---|---|"
    order = [(one["parameters"]["num_leaves"], one["parameters"]["n_estimators"], one) for one in curve["points"]]
    for leaves, trees, one in sorted(order, key=lambda row: row[:2]):
        scores = f"{one['train']['value']:.3f} | {_interval(one['held_out'])}"
        yield f"| {leaves} | {trees} | {scores} | {WORDS[one['standing']]} |"


def learning(found: Found) -> Iterator[str]:
    """The learning curve's points."""
    curve = found[CHURN]["diagnosis"]["learning"]
    yield f"| customers | train {curve['metric']} | held out [95 %] |"
    yield "|---|---|---|"
    for one in curve["points"]:
        yield f"| {one['groups']:,} | {one['train']['value']:.3f} | {_interval(one['held_out'])} |"


def decomposition(found: Found) -> Iterator[str]:
    """What the errors of many models are made of."""
    parts = found[CHURN]["diagnosis"]["decomposition"]
    yield "| share of the test rows | [95 %] |"
    yield "|---|---|"
    names = {
        "loss": "wrong, on average over the models",
        "bias": "wrong by the models' main prediction: bias",
        "costly_variance": "wrong where the main prediction is right: variance that costs",
        "helpful_variance": "right where the main prediction is wrong: variance that helps",
    }
    for key, words in names.items():
        one = parts[key]
        yield f"| {words} | {one['value']:.2%} [{one['low']:.2%}, {one['high']:.2%}] |"


def nested(found: Found) -> Iterator[str]:
    """What the searches promised, and what was kept."""
    yield f"| chosen in the fold | promised {found[CHURN]['metric']} | kept |"
    yield "|---|---|---|"
    for fold in found[CHURN]["diagnosis"]["nested"]["folds"]:
        chosen = ", ".join(f"{name} {value}" for name, value in fold["chosen"].items()) or "the recipe's own"
        yield f"| {chosen} | {fold['promised']:.4f} | {fold['kept']:.4f} |"


def importance(found: Found) -> Iterator[str]:
    """The features that matter most."""
    yield f"| feature | {found[CHURN]['metric']} lost when it is shuffled [95 %] | share of the gain |"
    yield "|---|---|---|"
    shares = {one["column"]: one["share"] for one in found[CHURN]["diagnosis"]["gain"]}
    for one in found[CHURN]["diagnosis"]["importance"][:5]:
        yield f"| {one['name']} | {_interval(one['loss'])} | {shares[one['name']]:.0%} |"


BLOCKS: Mapping[str, Callable[[Found], Iterator[str]]] = {
    "capacity": capacity,
    "ranker": ranker,
    "learning": learning,
    "decomposition": decomposition,
    "nested": nested,
    "importance": importance,
}


def _interval(one: Mapping[str, float]) -> str:
    return f"{one['value']:.3f} [{one['low']:.3f}, {one['high']:.3f}]"


def trained(name: str, purchases: Path) -> Found:
    """The report of a recipe on a file of purchases."""
    recipe = with_given(read(RECIPES / f"{name}.yaml", OVERRIDES[name]), Given(data=purchases))
    with tempfile.TemporaryDirectory(prefix="hotshelf-") as scratch:
        store = open_store(Path(scratch))
        train(recipe, store, name, RichProgress())
        found: Found = json.loads((store.files(name, 1) / JSON_FILE).read_text(encoding="utf-8"))
    return found


def written(page: str, found: Found) -> str:
    """The page with its figures. Raises ``ValueError`` for a block that nobody writes."""

    def block(match: re.Match[str]) -> str:
        begin, name, end = match.groups()
        if name not in BLOCKS:
            raise ValueError(f"{PAGE.name}: unknown figures {name!r}; known: {', '.join(BLOCKS)}")
        return begin + "\n".join(BLOCKS[name](found)) + "\n" + end

    return BLOCK.sub(block, page)


def main() -> int:
    """Train, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("purchases", type=Path, help="purchases with the columns of UCI Online Retail (.parquet, .csv)")
    purchases = parser.parse_args().purchases
    if not purchases.exists():
        print(f"figures: {purchases}: no such file; expected purchases as UCI Online Retail has them", file=sys.stderr)
        return 2
    found = {name: trained(name, purchases) for name in OVERRIDES}
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8"), found), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
