"""A recipe to begin with, for each task: what `hotshelf recipe init` writes."""

from collections.abc import Mapping
from types import MappingProxyType

RECOMMENDATION = """\
name: shop
task: recommendation
data:
  path: purchases.parquet
  columns:
    customer: customer_id
    product: product_id
    time: bought_at
    # quantity: quantity       # returns are negative
    # basket: order_id         # without it, a customer's day is a basket
    # title: product_name
    # category: category
windows: { days: 28, train: 3 }
gate: { beat: [popularity, personal] }
"""

TABLE = """\
name: {name}
task: {task}
data:
  path: table.parquet          # or sql: a query over tables: {{name: file}}, or builtin: iris
target: {target}
# id: customer_id              # another value in every row
# time: known_at               # then rows of the past alone teach
{group}
# features: {{ drop: [comment] }}
estimator: {{ name: lightgbm }}  # or a scikit-learn estimator by its class name
search:
  trials: 25
  space:
    num_leaves: {{ low: 3, high: 255, whole: true, log: true }}
    n_estimators: {{ low: 20, high: 500, whole: true, log: true }}
    learning_rate: {{ low: 0.02, high: 0.2, log: true }}
metric: {metric}
gate: {{ beat: [constant, linear] }}
"""

UNSUPERVISED = """\
name: {name}
task: {task}
data:
  path: table.parquet          # or sql: a query over tables: {{name: file}}, or builtin: wine
# id: customer_id              # another value in every row
# time: known_at               # then the last rows are held out
# group: customer_id           # rows of one group are not independent
# features: {{ drop: [comment] }}
preprocessing: {{ scale: standard }}  # power where tails are long
estimator: {{ name: {estimator} }}
{own}
"""

FREE_GROUP = "# group: customer_id           # rows of one group are not independent"

STARTERS: Mapping[str, str] = MappingProxyType(
    {
        "recommendation": RECOMMENDATION,
        "classification": TABLE.format(
            name="churn", task="classification", target="churned", group=FREE_GROUP, metric="log_loss"
        ),
        "regression": TABLE.format(name="spend", task="regression", target="spent", group=FREE_GROUP, metric="rmse"),
        "ranking": TABLE.format(
            name="ranking",
            task="ranking",
            target="grade",
            group="group: query_id                # the rows that are put in order together",
            metric="ndcg@10",
        ),
        "clustering": UNSUPERVISED.format(
            name="segments",
            task="clustering",
            estimator="KMeans",
            own="clusters: { least: 2, most: 10 }  # or a number",
        ),
        "anomaly": UNSUPERVISED.format(
            name="odd-orders",
            task="anomaly",
            estimator="IsolationForest",
            own="contamination: 0.01            # share of the rows to flag",
        ),
        "decomposition": UNSUPERVISED.format(
            name="components",
            task="decomposition",
            estimator="PCA",
            own="components: { variance: 0.8 }  # or a number",
        ),
    }
)
"""By task. Each is a recipe as it stands."""
