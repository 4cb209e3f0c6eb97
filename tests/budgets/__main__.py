"""``python -m tests.budgets``: what is counted, beside its budget; with ``--keep`` the counts become the budgets.
``--where`` tells in which functions the opcodes of a call are."""

import argparse
import logging

from hotshelf_server.observability.tallies import TOGETHER
from tests.budgets import answers, calls, kernels, starting, table
from tests.budgets.table import Measure, Uncounted

FUNCTIONS = 40


def main() -> None:
    """Count, and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.budgets", description=__doc__)
    parser.add_argument("--keep", action="store_true", help="write budgets.json")
    parser.add_argument(
        "--where", action="store_true", help="print the functions that a call's opcodes are in, and end"
    )
    args = parser.parse_args()
    logging.basicConfig(level=logging.WARNING)
    if args.where:
        _print_functions()
        return
    kept = table.read()
    counts = _counts(kept)
    if args.keep:
        table.write(table.renewed(kept, counts))


def _counts(kept: table.Table) -> dict[Measure, int]:
    counts = {}
    for measure in (*calls.measures(), *answers.measures(), *starting.measures(), *kernels.measures()):
        try:
            count = counts[measure] = measure.take()
        except Uncounted as error:
            print(f"not counted: {measure.name}: {error}")
            continue
        budget = kept.get(measure.environment, {}).get(measure.name)
        said = "no budget" if budget is None else f"{count / budget - 1:+.1%}"
        print(f"{count:>12,}  {said:>9}  {measure.environment}: {measure.name}")
    return counts


def _print_functions() -> None:
    for words, found in (
        ("a call whose like was answered before", calls.where()),
        ("such a call, of 8 that wait together", calls.where(together=8)),
        ("the usual way", calls.where(shortcut=False)),
    ):
        print(words)
        for name, opcodes in found.most_common(FUNCTIONS):
            print(f"{opcodes / TOGETHER:>8.1f}  {name}")


if __name__ == "__main__":
    main()
