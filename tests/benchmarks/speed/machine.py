"""Which machine this is, in words that say nothing of its name or folders."""

import os
import platform
import re
from pathlib import Path

from tests.benchmarks.speed.figures import Machine

WIDE = ("avx512f", "avx2")
"""Instruction sets that matter to tree engines, the widest first."""


def here() -> Machine:
    """This one."""
    text = Path("/proc/cpuinfo").read_text()
    model = re.search(r"^model name\s*: (.*)$", text, re.MULTILINE)
    flags = re.search(r"^flags\s*: (.*)$", text, re.MULTILINE)
    wide = [one for one in WIDE if flags and one in flags[1].split()]
    name = " ".join([model[1] if model else platform.machine(), *(f"({one})" for one in wide[:1])])
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    release = platform.freedesktop_os_release().get("PRETTY_NAME", platform.system())
    return Machine(name, os.cpu_count() or 1, round(memory / 1e9), f"{release}, Python {platform.python_version()}")
