"""Files of purchases to read."""

from pathlib import Path

from hotshelf_trainer.recipes.recommendation import Columns, Data
from hotshelf_trainer.recommendation.artifacts import Purchases
from hotshelf_trainer.recommendation.data import purchases_from

COLUMNS = Columns(customer="customer", product="product", time="time", quantity="quantity")


def read(path: Path, **more: object) -> Purchases:
    return purchases_from(Data.model_validate({"path": path, "columns": COLUMNS} | more))


def pairs(purchases: Purchases) -> list[tuple[str, str]]:
    rows = zip(purchases.customer, purchases.product, strict=True)
    return [(purchases.customers[customer], purchases.catalogue.products[product]) for customer, product in rows]
