"""Small workers that stand for a training: each is a command."""

import sys
from collections.abc import Sequence
from textwrap import dedent

PRELUDE = """
import json, os, signal, subprocess, sys, time
task = sys.stdin.readline()
def say(kind, **parts): print(json.dumps({"kind": kind, **parts}), flush=True)
def published(passed=True): say("published", version=7, passed=passed, note="version 7")
"""

FOREVER = "say('log', text='begun')\nwhile True: time.sleep(0.01)"
STUBBORN = f"signal.signal(signal.SIGTERM, signal.SIG_IGN)\n{FOREVER}"


def worker(code: str) -> Sequence[str]:
    """A command that reads its task, and then runs the code."""
    return (sys.executable, "-S", "-c", PRELUDE + dedent(code))
