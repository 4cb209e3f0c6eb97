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
        ("store: /s\npoll_seconds: .inf", "setting poll_seconds: .*finite number, found inf"),
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


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    file = tmp_path / "server.yaml"
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsError, match=r"server\.yaml is no YAML"):
        load_settings(file, {}, {})


@pytest.mark.parametrize("host", ["[::]", "*", "&a", "127.0.0.1", "007"])
def test_texts_in_the_environment_are_taken_by_their_letters(host: str) -> None:
    settings = load_settings(None, {}, {"HOTSHELF_HOST": host, "HOTSHELF_STORE": "*/[store"})
    assert (settings.host, settings.store) == (host, Path("*/[store"))


def test_a_list_in_the_environment_may_have_commas_alone() -> None:
    settings = load_settings(None, {}, {"HOTSHELF_STORE": "/s", "HOTSHELF_ALLOW_PYTHON": "mine, yours.module"})
    assert settings.allow_python == ("mine", "yours.module")


def test_numbers_and_switches_can_be_set_in_the_environment() -> None:
    environment = {"HOTSHELF_STORE": "/s", "HOTSHELF_REGISTRY_WRITES": "false", "HOTSHELF_POLL_SECONDS": "2.5"}
    settings = load_settings(None, {}, environment)
    assert (settings.registry_writes, settings.poll_seconds) == (False, 2.5)


def test_a_variable_that_is_no_yaml_is_named() -> None:
    with pytest.raises(SettingsError, match=r"HOTSHELF_MODELS='{m: ' is no YAML"):
        load_settings(None, {}, {"HOTSHELF_MODELS": "{m: "})


def test_an_unknown_variable_is_warned_of(caplog: pytest.LogCaptureFixture) -> None:
    load_settings(None, {}, {"HOTSHELF_STORE": "/s", "HOTSHELF_PROT": "1", "HOTSHELF_SERVER": "localhost:8500"})
    assert [record.getMessage() for record in caplog.records] == [
        "environment variable HOTSHELF_PROT is no setting; did you mean HOTSHELF_PORT?"
    ]
