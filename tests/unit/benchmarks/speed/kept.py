"""Figures of a run that never was."""

from dataclasses import replace

from tests.benchmarks.speed.figures import Engine, Figures, Machine, Skipped, Speed, Start, Taker

RUN, OTHER = "2026-01-02 03:04", "2026-01-03 04:05"
MACHINE = Machine("a processor", 2, 24, "a system")


def speed(server: str, cell: str, rate: float, *, p50_ms: float = 1.0, cpu_us: float = 100.0, run: str = RUN) -> Speed:
    rows = int(cell.split("-")[1][1:])
    return Speed(run, server, cell, rows, [rate], rate, p50_ms, 2 * p50_ms, cpu_us, 1.0, 0.5, [])


FIGURES = Figures(
    MACHINE,
    [Taker("hotshelf-2", "Hotshelf, 2 workers", ["grpcio 1"]), Taker("triton", "Triton", [])],
    [
        speed("hotshelf-2", "trees-b1-c64", 30_000.0),
        speed("triton", "trees-b1-c64", 10_000.0),
        replace(speed("mlserver", "trees-b1-c64", 0.0), rates=[], void=["some were refused"]),
        speed("hotshelf-2", "trees-b32-c16", 2_000.0),
        speed("triton", "trees-b32-c16", 1_000.0),
    ],
    [Start(RUN, "hotshelf-2", "trees", 2.0, 250.0, 3, 0.01)],
    [
        Engine(RUN, "LightGBM C", 1, 50.0),
        Engine(RUN, "LightGBM C", 32, 40.0),
        Engine(RUN, "LightGBM package", 32, 36.0),
        Engine(RUN, "LightGBM C", 1024, 40.0),
        Engine(RUN, "trees AVX2", 1, 10.0),
        Engine(RUN, "trees AVX2", 32, 4.0),
        Engine(RUN, "trees AVX2", 1024, 3.0),
    ],
    [Skipped(RUN, "kserve", "trees", "it did not start")],
)
