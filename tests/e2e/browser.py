"""A page opened in a headless Chromium, as a reader would."""

import html
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
WAIT = 120.0
"""Seconds."""
SAID = re.compile(r"CONSOLE:?\d*\)?\] (.*)")
# What the page inside is as wide as, once it is laid out, goes to where --dump-dom shows it.
FRAME = """<!doctype html><title>not measured</title>
<iframe id="page" srcdoc="{page}" width="{width}" height="800"></iframe>
<script>
const frame = document.getElementById("page");
frame.onload = () => {{ document.title = "width " + frame.contentDocument.documentElement.scrollWidth; }};
</script>"""


@dataclass(frozen=True, slots=True)
class Browser:
    """One Chromium on this machine."""

    program: str

    @classmethod
    def found(cls) -> "Browser | None":
        """The first that there is."""
        programs = (shutil.which(name) for name in NAMES)
        return next((cls(program) for program in programs if program), None)

    def console(self, page: Path, *more: str) -> list[str]:
        """What the page says on the console while it is opened without any network."""
        return SAID.findall(self._run(page, "--dump-dom", "--enable-logging=stderr", *more).stderr)

    def shoot(self, page: Path, picture: Path, width: int, height: int) -> None:
        """Write a picture (PNG) of the page's top."""
        self._run(page, f"--screenshot={picture}", f"--window-size={width},{height}", "--hide-scrollbars")

    def needed_width(self, page: Path, width: int) -> int:
        """Pixels that the page takes on a screen of a width: more than it where a reader has to scroll sideways."""
        with tempfile.TemporaryDirectory() as scratch:
            frame = Path(scratch) / "frame.html"
            frame.write_text(FRAME.format(page=html.escape(page.read_text(encoding="utf-8")), width=width))
            dumped = self._run(frame, "--dump-dom", "--virtual-time-budget=10000").stdout
        found = re.search(r"<title>width (\d+)</title>", dumped)
        assert found, dumped[:500]
        return int(found.group(1))

    def _run(self, page: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
        with tempfile.TemporaryDirectory() as profile:
            command = [
                self.program,
                "--headless",
                "--no-sandbox",  # of a page that this test has written; the sandbox needs rights that containers lack
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--host-resolver-rules=MAP * ~NOTFOUND",
                f"--user-data-dir={profile}",
                *arguments,
                page.resolve().as_uri(),
            ]
            return subprocess.run(command, capture_output=True, text=True, timeout=WAIT, check=True)
