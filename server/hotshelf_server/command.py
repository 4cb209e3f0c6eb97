"""``hotshelf serve``."""

import argparse
import logging
import os
import sys
from collections.abc import Callable
from contextlib import closing
from logging.handlers import MemoryHandler
from pathlib import Path
from typing import Any

from hotshelf_server.core.control import Control
from hotshelf_server.core.ports import PortTaken
from hotshelf_server.observability.log_format import Form, formatter
from hotshelf_server.settings import Settings, SettingsError, load_settings, to_yaml
from hotshelf_server.transport.polling import read_on_the_server_thread
from hotshelf_server.workers.errors import StartRefused, WorkersKeepDying

EXIT_DIED = 1
EXIT_USAGE = 2
TEXT: Form = "text"
MAX_EARLY = 1_000
"""Messages that may wait."""


class Serve:
    """Serves the models of a store over gRPC and hot-loads new versions."""

    help = "serve models over gRPC and hot-load new versions"

    def configure(self, parser: argparse.ArgumentParser) -> None:
        """Flags go over the environment, the environment over the file."""
        parser.add_argument("--store", metavar="DIR", type=Path, help="directory of the store")
        parser.add_argument(
            "--model",
            metavar="NAME=PATH",
            action="append",
            default=[],
            help="serve the bundle in PATH as model NAME, without a store; may be repeated",
        )
        parser.add_argument("--host", help="address to listen on (default: all)")
        parser.add_argument("--port", type=int, help="gRPC port (default: 8500; 0: any free one)")
        parser.add_argument("--metrics-port", type=int, help="port of /metrics (default: 8501; 0: any free one)")
        parser.add_argument("--workers", type=int, metavar="N", help="processes that answer on the port (default: 1)")
        parser.add_argument("--config", metavar="FILE", type=Path, help="YAML file with settings")
        parser.add_argument(
            "--allow-python",
            metavar="MODULE",
            action="append",
            help="let the python runtime run classes of MODULE; may be repeated",
        )
        parser.add_argument(
            "--model-control",
            choices=[control.value for control in Control],
            help="who says which models are loaded: none (the store; default), explicit (load calls alone), or both",
        )
        parser.add_argument(
            "--require-model",
            metavar="NAME",
            action="append",
            help="not ready before this model answers; may be repeated",
        )
        parser.add_argument("--print-config", action="store_true", help="print the settings that hold, and end")
        parser.add_argument("--log-level", help="DEBUG, INFO (default), WARNING or ERROR")

    def run(self, args: argparse.Namespace) -> int:
        """Serve until SIGTERM."""
        try:
            flags = _flags(args)
            settings = _settings(args.config, flags)
            if args.print_config:
                print(to_yaml(settings), end="")
                return 0
            _serve(settings, args.config, lambda: load_settings(args.config, flags))
        except (SettingsError, PortTaken, StartRefused) as error:
            return _refuse(str(error))
        except WorkersKeepDying as error:
            _refuse(str(error))
            return EXIT_DIED
        except OSError as error:
            return _refuse(f"metrics port: {error.strerror or error}; try another with --metrics-port")
        # The drain is over: what still runs, be it a call that never ends or a trial load, ends with the process.
        logging.shutdown()
        os._exit(0)


def _serve(settings: Settings, file: Path | None, read: Callable[[], Settings]) -> None:
    """In this process, or by several workers, whose parent imports little. Raises `StartRefused` for a bad store."""
    if settings.fast_lane:
        read_on_the_server_thread(os.environ)  # which the workers inherit
    if settings.workers > 1:
        from hotshelf_server.workers.parent import run as run_workers  # noqa: PLC0415 - see above

        run_workers(settings, file, read)
        return
    from hotshelf_server.models.warm_process import trial_process  # noqa: PLC0415 - as above

    with closing(trial_process()) as trials:
        trials.begin()
        from hotshelf_server.app import run  # noqa: PLC0415 - while the other process imports as well
        from hotshelf_store import StoreError  # noqa: PLC0415 - as above

        try:
            run(settings, file, read, trials)
        except StoreError as error:
            raise StartRefused(str(error)) from error


def _settings(file: Path | None, flags: dict[str, Any]) -> Settings:
    """The settings, and a log in their form. What is logged while they are read waits for that."""
    early, form = MemoryHandler(MAX_EARLY, flushLevel=logging.CRITICAL + 1), TEXT
    logging.getLogger().addHandler(early)
    try:
        settings = load_settings(file, flags)
        form = settings.log_format
    finally:
        handler = logging.StreamHandler()
        handler.setFormatter(formatter(form))
        logging.getLogger().removeHandler(early)
        early.setTarget(handler)
        early.close()
        logging.basicConfig(handlers=[handler])
    return settings


def _flags(args: argparse.Namespace) -> dict[str, Any]:
    return {
        "store": args.store,
        "models": dict(_pair(text) for text in args.model) or None,
        "host": args.host,
        "port": args.port,
        "metrics_port": args.metrics_port,
        "workers": args.workers,
        "allow_python": args.allow_python,
        "model_control": args.model_control,
        "required_models": args.require_model,
        "log_level": args.log_level,
    }


def _pair(text: str) -> tuple[str, str]:
    name, equals, path = text.partition("=")
    if not (name and equals and path):
        raise SettingsError(f"--model {text!r}: expected NAME=PATH")
    return name, path


def _refuse(message: str) -> int:
    print(f"hotshelf serve: {message}", file=sys.stderr)
    return EXIT_USAGE
