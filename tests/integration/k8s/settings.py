"""What the containers of rendered manifests are started with."""

import argparse
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from hotshelf_cli.commands import installed
from hotshelf_server.settings import PREFIX, Settings
from tests.integration.k8s.objects import Manifest, Manifests, Pod, find, pods

CONFIG = "/etc/hotshelf/"
IMAGES = ("hotshelf-server", "hotshelf-trainer")


def ours(manifests: Manifests) -> Iterator[tuple[Pod, Manifest]]:
    """The containers that run the `hotshelf` command."""
    for pod in pods(manifests):
        for container in pod.containers:
            if container["image"].partition(":")[0] in IMAGES and "command" not in container:
                yield pod, container


def parsed(arguments: list[str]) -> argparse.Namespace:
    """What the command makes of them. Raises SystemExit where it would end with a usage message."""
    name, *rest = arguments
    command = installed()[name].load()()
    parser = argparse.ArgumentParser(prog=f"hotshelf {name}")
    command.configure(parser)
    return parser.parse_args(rest)


def file(manifests: Manifests, pod: Pod, name: str) -> str:
    """A file of the ConfigMap that a pod mounts as ``config``."""
    volume = pod.volume("config")
    assert volume is not None
    config = find(manifests, "ConfigMap", volume["configMap"]["name"])
    assert config is not None
    return str(config["data"][name])


def settings(manifests: Manifests, pod: Pod, folder: Path) -> Settings:
    """What the server in a pod goes by: its arguments, its ConfigMap and its variables, through the server itself."""
    (container,) = pod.containers
    (folder / "server.yaml").write_text(file(manifests, pod, "server.yaml"))
    given = [argument.replace(CONFIG, f"{folder}/") for argument in container["args"]]
    variables = {one["name"]: one["value"] for one in container.get("env", ())}
    # Variables of this test run are none of the pod's.
    around = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    done = subprocess.run(
        [sys.executable, "-m", "hotshelf_cli", *given, "--print-config"],
        env={**around, **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")
    told: dict[str, Any] = yaml.safe_load(done.stdout)
    return Settings.model_validate(told)
