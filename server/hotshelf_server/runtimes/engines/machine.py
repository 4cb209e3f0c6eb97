"""What, beside a bundle, decides which engine is the fastest."""

import platform
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

CPU_INFO = Path("/proc/cpuinfo")
DISTRIBUTIONS = ("hotshelf", "lightgbm", "numpy", "onnxruntime", "scikit-learn")


def machine(threads: int, cpu_info: Path = CPU_INFO) -> Mapping[str, str]:
    """The processor's model, the versions of what computes, and the threads that a call may use."""
    return {
        "cpu": _cpu(cpu_info),
        "threads": str(threads),
        **{name: _version(name) for name in DISTRIBUTIONS},
    }


def _cpu(cpu_info: Path) -> str:
    """Model and features, by which engines choose their instructions; as the system names them."""
    try:
        lines = cpu_info.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return f"{platform.machine()} {platform.processor()}".strip()
    said = dict(line.replace("\t", "").split(":", 1) for line in reversed(lines) if ":" in line)
    model = said.get("model name", said.get("CPU part", platform.machine())).strip()
    features = said.get("flags", said.get("Features", "")).split()
    best = [name for name in ("avx2", "avx512f", "avx512bw", "asimd", "sve") if name in features]
    return " ".join([model, *best])


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "none"
