import argparse
from pathlib import Path

import pytest

from hotshelf_store import CHAMPION, open_store
from hotshelf_trainer.command import Data, Train
from hotshelf_trainer.recipes import text_of
from tests.unit.trainer.recommendation.purchases import generated_file, small_recipe, write_lines


def run(command: Train | Data, *arguments: str) -> int:
    parser = argparse.ArgumentParser()
    command.configure(parser)
    return command.run(parser.parse_args(arguments))


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    path = tmp_path / "recipe.yaml"
    path.write_text(text_of(small_recipe(generated_file())))
    return path


def test_train_publishes_and_writes_the_report(
    recipe: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "store").mkdir()
    arguments = ("--store", str(tmp_path / "store"), "--name", "shop", "--report", str(tmp_path / "report"))
    assert run(Train(), str(recipe), *arguments) == 0
    assert open_store(tmp_path / "store").manifest("shop", 1).verdict.passed
    assert (tmp_path / "report" / "report.html").read_text().startswith("<!doctype html>")
    assert "shop version 1" in capsys.readouterr().err


def test_a_refused_version_exits_with_3_and_takes_no_traffic(
    recipe: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(Train(), str(recipe), "--store", str(tmp_path), "--set", "gate.coverage=1.0") == 3
    assert CHAMPION not in open_store(tmp_path).aliases("small").routes
    assert "no champion" in " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize(
    ("extra", "message"),
    [
        (("--set", "rankr.trees=3"), "rankr: unknown key; did you mean 'ranker'?"),
        (("--data", "absent.csv"), "absent.csv: no such file"),
        (("--products", "p.csv"), "--products: the recipe doesn't map a product file"),
        (("--until", "soon"), "until: 'soon' is not a date"),
        (("--until", "2024-02-01"), "are needed"),
        (("--name", "../shop"), "model name '../shop'"),
    ],
)
def test_a_mistake_is_one_message_on_stderr_and_exit_2(
    recipe: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], extra: tuple[str, ...], message: str
) -> None:
    assert run(Train(), str(recipe), "--store", str(tmp_path), *extra) == 2
    captured = capsys.readouterr()
    assert message in captured.err
    assert "Traceback" not in captured.err


def test_a_store_that_is_not_there_is_refused_before_training(
    recipe: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(Train(), str(recipe), "--store", str(tmp_path / "absent")) == 2
    assert "absent" in capsys.readouterr().err


def test_a_store_that_cannot_be_written_is_refused_before_training(
    recipe: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hotshelf_trainer.command.os.access", lambda *_: False)  # root may write anywhere
    assert run(Train(), str(recipe), "--store", str(tmp_path)) == 2
    assert "may not write" in capsys.readouterr().err


def test_too_few_customers_are_refused(recipe: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = write_lines(tmp_path / "a.csv", ("ann", "tea", "2024-01-01", 1), header="customer,product,time,basket")
    assert run(Train(), str(recipe), "--store", str(tmp_path), "--data", str(data)) == 2
    assert "1 customers and 1 products after filters; expected at least 20 and 20" in capsys.readouterr().err


def test_data_generate_writes_both_files(tmp_path: Path) -> None:
    sizes = ("--customers", "50", "--products", "40", "--lines", "2000")
    assert run(Data(), "generate", *sizes, "--out", str(tmp_path)) == 0
    assert {path.name for path in tmp_path.iterdir()} == {"purchases.parquet", "products.parquet"}


def test_data_generate_names_a_size_that_is_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(Data(), "generate", "--lines", "0", "--out", str(tmp_path)) == 2
    assert "lines: 0; expected 1 or more" in capsys.readouterr().err


def test_data_oracle_prints_what_can_be_known(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sizes = ("--customers", "100", "--products", "40", "--lines", "4000")
    assert run(Data(), "generate", *sizes, "--out", str(tmp_path)) == 0
    assert run(Data(), "oracle", str(tmp_path / "purchases.parquet"), "--customers", "30") == 0
    said = capsys.readouterr().out
    assert "NDCG@10 of: all products 0." in said
    assert "on 30 of" in said


def test_data_oracle_refuses_purchases_without_a_law(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(Data(), "oracle", str(tmp_path / "purchases.parquet")) == 2
    assert "expected purchases made by hotshelf data generate" in capsys.readouterr().err
