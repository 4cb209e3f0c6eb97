"""What a group of processes holds of the machine's memory."""

import os
from contextlib import suppress
from pathlib import Path

PROC = Path("/proc")
GROUP = 2
"""Place of the process group in ``/proc/PID/stat``, counted behind the command's closing bracket."""


def resident_bytes(group: int, proc: Path = PROC) -> int:
    """Resident memory of all processes of a group, in bytes; pages that several share count for each.

    0 where the system has no ``/proc``: the limit then can't be kept.
    """
    page = os.sysconf("SC_PAGESIZE")
    total = 0
    for process in proc.glob("[0-9]*"):
        with suppress(OSError, ValueError, IndexError):  # it has ended meanwhile
            fields = (process / "stat").read_text(errors="replace").rpartition(")")[2].split()
            if int(fields[GROUP]) == group:
                total += int((process / "statm").read_text().split()[1]) * page
    return total


def physical_bytes() -> int:
    """Memory of the machine."""
    return os.sysconf("SC_PAGESIZE") * os.sysconf("SC_PHYS_PAGES")
