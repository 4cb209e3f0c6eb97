"""``hotshelf recipe``: what a recipe may say, and one to begin with."""

import argparse
import json
import sys
from pathlib import Path

MISTAKE = 2


class RecipeCommand:
    """``hotshelf recipe``."""

    help = "write a recipe to begin with, or the schema of recipes"

    def configure(self, parser: argparse.ArgumentParser) -> None:
        """Declare the arguments."""
        commands = parser.add_subparsers(dest="recipe_command", required=True, metavar="COMMAND")
        commands.add_parser("schema", help="print the JSON schema of recipes, for an editor or a check")
        init = commands.add_parser("init", help="print a recipe to begin with")
        init.add_argument(
            "task",
            help="what is to be learned: classification, regression, ranking, clustering, anomaly, decomposition, "
            "recommendation",
        )
        check = commands.add_parser("check", help="say what is wrong with a recipe; nothing is computed")
        check.add_argument("recipe", type=Path)

    def run(self, args: argparse.Namespace) -> int:
        """0, or 2 for an unknown task and a recipe that is none."""
        from hotshelf_trainer.errors import RecipeError  # noqa: PLC0415 - `hotshelf --help` need not wait for it

        try:
            print(_said(args))
        except RecipeError as error:
            print(f"hotshelf recipe: {error}", file=sys.stderr)
            return MISTAKE
        return 0


def _said(args: argparse.Namespace) -> str:
    from hotshelf_trainer.errors import RecipeError  # noqa: PLC0415 - as above
    from hotshelf_trainer.recipes import read, schema  # noqa: PLC0415 - as above
    from hotshelf_trainer.recipes.starter import STARTERS  # noqa: PLC0415 - as above

    if args.recipe_command == "schema":
        return json.dumps(schema(), indent=2)
    if args.recipe_command == "check":
        return f"{args.recipe}: a recipe of task {read(args.recipe).task}"
    if args.task not in STARTERS:
        raise RecipeError(f"no task {args.task!r}; known tasks: {', '.join(STARTERS)}")
    return STARTERS[args.task].rstrip()
