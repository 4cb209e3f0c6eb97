"""How a store's customers buy, in a few numbers each: what a version keeps of it, and how far others have moved since.

What a recommender learns from is who bought what, which has no columns that could drift. How much, how widely and how
often customers buy, and how much of it again, has; models grow stale when it changes.
"""

import json
from pathlib import Path

import numpy as np
import polars as pl

from hotshelf_store import Store
from hotshelf_store.profile import TRAINING_FILE, Profile
from hotshelf_trainer.diagnosis.drift import Drift, drift, profile_of
from hotshelf_trainer.recipes.recommendation import RecommendationRecipe
from hotshelf_trainer.recommendation.artifacts import SECONDS_PER_DAY, Purchases


def habits_of(purchases: Purchases, days: float) -> pl.DataFrame:
    """One row for each customer of the last ``days``: what they bought then, and how long they have been known."""
    begins = np.flatnonzero(np.diff(purchases.customer, prepend=-1))
    first = np.minimum.reduceat(purchases.time, begins)
    known_since = np.full(len(purchases.customers), np.nan)
    known_since[purchases.customer[begins]] = first
    again = (np.diff(purchases.customer, prepend=-1) == 0) & (np.diff(purchases.product, prepend=-1) == 0)
    recent = purchases.time >= purchases.end - days * SECONDS_PER_DAY
    rows = pl.DataFrame(
        {
            "customer": purchases.customer[recent],
            "product": purchases.product[recent],
            "basket": purchases.basket[recent],
            "again": again[recent],
            "days_known": (purchases.end - known_since[purchases.customer[recent]]) / SECONDS_PER_DAY,
        }
    )
    by_customer = rows.group_by("customer", maintain_order=True).agg(
        baskets=pl.col("basket").n_unique(),
        purchases_a_basket=pl.len() / pl.col("basket").n_unique(),
        products=pl.col("product").n_unique(),
        share_bought_before=pl.col("again").mean(),
        days_known=pl.col("days_known").first(),
    )
    return by_customer.drop("customer")


def keep(folder: Path, purchases: Purchases, recipe: RecommendationRecipe) -> None:
    """Write the profile into a bundle's folder."""
    days = float(recipe.windows.days)
    profile = profile_of(habits_of(purchases, days), recipe.seed)
    content = {"profile": json.loads(profile.to_json()), "days": days}
    (folder / TRAINING_FILE).write_text(json.dumps(content, indent=1, sort_keys=True), encoding="utf-8")


def drift_since(store: Store, model: str, version: int, purchases: Purchases) -> tuple[Drift, ...]:
    """How far habits have moved since a version learned; empty for version 0 and for one that keeps no profile."""
    path = store.files(model, version) / TRAINING_FILE if version else None
    if path is None or not path.is_file():
        return ()
    kept = json.loads(path.read_text(encoding="utf-8"))
    return drift(Profile.from_json(json.dumps(kept["profile"])), habits_of(purchases, kept["days"]))
