"""``hotshelf schedules``: trainings that a trainer begins by itself."""

import argparse

from hotshelf_client import display, training_display
from hotshelf_client.server_command import console, seconds_of
from hotshelf_client.trainings import TrainingClient
from hotshelf_client.trainings_command import answered, configure_server, configure_spec, spec_of

EPILOGUE = """\
Times are five fields of cron in UTC: minute, hour, day of month, month, day of week. With --if-older-days or --if-drift
the data are looked at then, and trained on only when there is an occasion.
"""


class Schedules:
    """Makes, lists and deletes them."""

    help = "have a trainer train at given times, or when the champion is old or the data have moved"

    def configure(self, parser: argparse.ArgumentParser) -> None:
        """A command for each."""
        parser.epilog = EPILOGUE
        commands = parser.add_subparsers(dest="schedules_command", required=True, metavar="COMMAND")
        creating = commands.add_parser("create", help="make a schedule", epilog=EPILOGUE)
        configure_spec(creating)
        creating.add_argument("--cron", required=True, metavar="FIELDS", help='such as "30 4 * * *": daily at 4:30 UTC')
        creating.add_argument(
            "--catch-up-seconds",
            type=seconds_of,
            default=0.0,
            metavar="SECONDS",
            help="make up for a time that was missed for no longer (default: a day)",
        )
        creating.add_argument("--request-id", default="", help="makes it safe to ask twice (default: random)")
        listing = commands.add_parser("list", help="show the newest schedules")
        listing.add_argument("--most", type=int, default=100, metavar="N", help="default: %(default)s")
        listing.add_argument("--json", action="store_true", help="print JSON, for machines")
        deleting = commands.add_parser("delete", help="end a schedule; trainings that it began stay")
        deleting.add_argument("schedule", type=int)
        for command in commands.choices.values():
            configure_server(command)

    def run(self, args: argparse.Namespace) -> int:
        """The exit status: 0 done; 2 a mistake in what was given; 3 the trainer can't be reached; 1 anything else."""
        return answered(args, _COMMANDS[args.schedules_command])


def _create(client: TrainingClient, args: argparse.Namespace) -> int:
    made = client.create_schedule(
        spec_of(args), args.cron, catch_up_seconds=args.catch_up_seconds, request_id=args.request_id
    )
    print(made.id)
    return 0


def _list(client: TrainingClient, args: argparse.Namespace) -> int:
    found = client.schedules(most=args.most)
    if args.json:
        print(display.to_json(found))
    else:
        console().print(training_display.schedule_table(found))
    return 0


def _delete(client: TrainingClient, args: argparse.Namespace) -> int:
    client.delete_schedule(args.schedule)
    print(f"schedule {args.schedule} is deleted")
    return 0


_COMMANDS = {"create": _create, "list": _list, "delete": _delete}
