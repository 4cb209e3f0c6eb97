"""Flags go over the environment, the environment over the file."""

from pathlib import Path

import pytest

from hotshelf_server.settings import SettingsError, load_settings


def test_the_last_word_is_the_flags(tmp_path: Path) -> None:
    file = tmp_path / "server.yaml"
    file.write_text("store: /from/file\nport: 1\nthreads: 3\nmetrics_port: 9\n")
    settings = load_settings(file, {"port": 3, "store": None}, {"HOTSHELF_PORT": "2", "HOTSHELF_METRICS_PORT": "7"})
    assert (settings.port, settings.metrics_port, settings.threads) == (3, 7, 3)
    assert settings.store == Path("/from/file")


def test_lists_and_maps_can_be_set_in_the_environment() -> None:
    environment = {"HOTSHELF_MODELS": "{m: /bundle}", "HOTSHELF_ALLOW_PYTHON": "[mine, yours]"}
    settings = load_settings(None, {}, environment)
    assert settings.models == {"m": Path("/bundle")}
    assert settings.allow_python == ("mine", "yours")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("store: /s\nthread: 3", "unknown setting thread; did you mean threads?"),
        ("store: /s\nport: 99999", "setting port: .*less than or equal to 65535, found 99999"),
        ("store: /s\nport: eighty", "setting port: .*integer"),
        ("[1, 2]", "expected settings by name, found list"),
        ("a: [", "is no YAML"),
        ("", "nothing to serve: give --store DIR, or --model NAME=PATH"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "server.yaml"
    file.write_text(text)
    with pytest.raises(SettingsError, match=words):
        load_settings(file, {}, {})


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"can't read .*absent\.yaml"):
        load_settings(tmp_path / "absent.yaml", {}, {})
