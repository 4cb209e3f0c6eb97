"""Steady calls for recommendations, and every ten seconds what became of them."""

import argparse
import itertools
import time
from collections import Counter

from hotshelf_client import Client, HotshelfError

LINE_SECONDS = 10.0
CUSTOMERS = 600
"""As many as the demo's purchases are of."""


def main() -> int:
    """0 once the time is over and some calls were answered, 1 if none was."""
    parser = argparse.ArgumentParser(description="Ask for recommendations at a steady rate.")
    parser.add_argument("server")
    parser.add_argument("--model", default="shop")
    parser.add_argument("--seconds", type=float, default=600.0)
    parser.add_argument("--per-second", type=float, default=20.0)
    args = parser.parse_args()
    with Client(args.server, timeout=5.0) as client:
        outcomes = load(client, args.model, args.seconds, args.per_second)
    return 0 if any(outcome.startswith("version") for outcome in outcomes) else 1


def load(client: Client, model: str, seconds: float, per_second: float) -> Counter[str]:
    """Ask for one customer after the other; how often each version answered, and each error came."""
    total, lately = Counter[str](), Counter[str]()
    begun = told = time.monotonic()
    for number in itertools.count():
        if (due := begun + number / per_second) >= begun + seconds:
            break
        time.sleep(max(0.0, due - time.monotonic()))
        lately[ask(client, model, f"c{number % CUSTOMERS}")] += 1
        if time.monotonic() - told >= LINE_SECONDS:
            print(dict(lately), flush=True)
            total, lately, told = total + lately, Counter(), time.monotonic()
    print("in all", dict(total + lately), flush=True)
    return total + lately


def ask(client: Client, model: str, customer: str) -> str:
    """What became of one call: the version that answered, or the kind of error."""
    try:
        return f"version {client.recommend(model, customer, k=5).version}"
    except HotshelfError as error:  # no model yet, or overload: a demo goes on
        return type(error).__name__


if __name__ == "__main__":
    raise SystemExit(main())
