from collections.abc import Iterator

from tests.benchmarks.speed.figures import Figures


def tables(f: Figures) -> Iterator[str]:
    for s in f.speeds:
        yield f"{s.cell:20} {s.server:12} {s.rate:9,.0f}/s p50 {s.p50_ms:7.2f} p99 {s.p99_ms:7.2f} cpu {s.cpu_us:8.0f} cores {s.server_cores:.2f}/{s.load_cores:.2f} {s.void}"
    for x in f.starts:
        yield str(x)
    for x in f.engines:
        yield str(x)
    for x in f.skipped:
        yield str(x)
