"""``hotshelf judge``."""

import argparse
import sys
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hotshelf_trainer.judge.loop import Ended, Plan

FAILED, MISUSED, REFUSED = 1, 2, 3

EPILOGUE = """\
Exit status: 0 the canary is champion; 1 somebody else decides, or the store can't be used; 2 wrong usage; 3 the canary
was taken back, or the gate refuses it."""


class Judge:
    """Moves champion's traffic to a canary in steps."""

    help = "give a canary more and more traffic while it does as well as the champion"

    def configure(self, parser: argparse.ArgumentParser) -> None:
        """What to judge, where its traffic is counted, and the limits."""
        parser.epilog = EPILOGUE
        parser.add_argument("model")
        parser.add_argument("--store", required=True, type=Path, metavar="DIR", help="directory of the store")
        parser.add_argument(
            "--server", required=True, metavar="HOST:PORT[,…]", help="every address behind these names is a replica"
        )
        parser.add_argument("--canary", type=int, default=0, metavar="VERSION", help="default: the candidate")
        parser.add_argument(
            "--steps", type=_steps, default=(5, 10, 25, 50, 100), metavar="PERCENT,…", help="default: 5,10,25,50,100"
        )
        parser.add_argument(
            "--interval", type=_positive, default=30.0, metavar="SECONDS", help="between looks (default: %(default)g)"
        )
        parser.add_argument(
            "--timeout", type=_positive, default=5.0, metavar="SECONDS", help="for each replica (default: %(default)g)"
        )
        parser.add_argument("--allow-missing", action="store_true", help="raise it though some replicas don't answer")
        parser.add_argument("--again", action="store_true", help="begin also with a canary that was taken back")
        _limits(parser)

    def run(self, args: argparse.Namespace) -> int:
        """Judge until the end."""
        from hotshelf_store import StoreError  # noqa: PLC0415 - `hotshelf judge --help` need not wait

        try:
            ended = _run(args)
        except (ValueError, StoreError) as error:
            print(f"hotshelf judge: {error}", file=sys.stderr)
            return FAILED if isinstance(error, StoreError) else MISUSED
        return _tell(ended)


def _limits(parser: argparse.ArgumentParser) -> None:
    limits = parser.add_argument_group("limits", "how much worse than the champion the canary may be")
    limits.add_argument(
        "--min-calls", type=_count, default=500, metavar="N", help="of each, before a step (default: %(default)s)"
    )
    limits.add_argument(
        "--max-error-rate-increase",
        type=_positive,
        default=0.01,
        metavar="SHARE",
        help="more failed calls, as a share of all (default: %(default)g)",
    )
    limits.add_argument(
        "--max-p99-ratio", type=_positive, default=1.5, metavar="RATIO", help="of p99 latencies (default: %(default)g)"
    )
    limits.add_argument(
        "--fast-enough",
        type=_positive,
        default=0.005,
        metavar="SECONDS",
        help="a p99 that is never too slow (default: %(default)g)",
    )
    limits.add_argument(
        "--max-score-distance",
        type=_positive,
        default=0.2,
        metavar="D",
        help="Kolmogorov-Smirnov distance of the scores, 0 to 1 (default: %(default)g)",
    )


def _run(args: argparse.Namespace) -> "Ended":
    from hotshelf_store import open_store  # noqa: PLC0415 - as above
    from hotshelf_trainer.judge import loop, observe  # noqa: PLC0415 - as above

    with observe.Fleet(args.server, args.model, args.timeout) as fleet:
        judge = loop.Judge(_plan(args), open_store(args.store), fleet.look, partial(print, flush=True))
        return judge.run(partial(time.sleep, args.interval))


def _plan(args: argparse.Namespace) -> "Plan":
    from hotshelf_trainer.judge.loop import Plan  # noqa: PLC0415 - as above
    from hotshelf_trainer.judge.verdict import Limits  # noqa: PLC0415 - as above

    limits = Limits(
        args.min_calls, args.max_error_rate_increase, args.max_p99_ratio, args.fast_enough, args.max_score_distance
    )
    return Plan(args.model, args.canary, args.steps, limits, args.allow_missing, args.again)


def _tell(ended: "Ended") -> int:
    from hotshelf_trainer.judge.loop import End  # noqa: PLC0415 - as above

    if ended.end is End.CHAMPION:
        print(f"{ended.end.value}: {ended.words}")
        return 0
    print(f"hotshelf judge: {ended.end.value}: {ended.words}", file=sys.stderr)
    return FAILED if ended.end is End.STOPPED else REFUSED


def _positive(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"expected a number above 0, found {text!r}")
    return number


def _count(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"expected a whole number above 0, found {text!r}")
    return int(text)


def _steps(text: str) -> tuple[int, ...]:
    parts = text.split(",")
    steps = tuple(int(part) if part.strip().isdecimal() else 0 for part in parts)
    if steps != tuple(sorted(set(steps))) or steps[0] < 1 or steps[-1] != 100:
        raise argparse.ArgumentTypeError(f"expected growing shares from 1 to 100 such as 5,25,100, found {text!r}")
    return steps
