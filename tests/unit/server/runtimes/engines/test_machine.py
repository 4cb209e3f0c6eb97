"""What decides speed is told apart."""

from pathlib import Path

from hotshelf_server.runtimes.engines import machine

CPU_INFO = "processor\t: 0\nmodel name\t: Some CPU\nflags\t\t: fpu avx2 sse\n\nprocessor\t: 1\nmodel name\t: Other\n"


def test_the_processor_is_told_by_its_model_and_instructions(tmp_path: Path) -> None:
    (tmp_path / "cpuinfo").write_text(CPU_INFO)
    assert machine(1, tmp_path / "cpuinfo")["cpu"] == "Some CPU avx2"


def test_a_system_that_tells_nothing_has_a_name_all_the_same(tmp_path: Path) -> None:
    assert machine(1, tmp_path / "none")["cpu"]


def test_threads_and_versions_are_told(tmp_path: Path) -> None:
    found = machine(3, tmp_path / "none")
    assert found["threads"] == "3"
    assert found["numpy"][0].isdigit()
    assert "lightgbm" in found
