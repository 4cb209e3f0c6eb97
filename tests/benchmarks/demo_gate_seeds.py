"""Does the demo's gate pass whatever the seed? Trains both versions of the demo for each of some seeds and says.

    python -m tests.benchmarks.demo_gate_seeds FOLDER FIRST COUNT

FOLDER keeps the purchases and a store for each seed. Prints a line a seed and, at the end, how many passed.
"""

import subprocess
import sys
from pathlib import Path

from hotshelf_demo.material import Material, completejourney
from hotshelf_store import Store, open_store

MODEL = "shop"


def train(material: Material, store: Path, seed: int, *until: str) -> None:
    """One training, as the demo runs it. A refusal by the gate is no error here."""
    settings = [part for setting in (*material.settings, f"seed={seed}") for part in ("--set", setting)]
    data = ["--data", str(material.purchases), "--products", str(material.products), "--store", str(store)]
    command = [sys.executable, "-m", "hotshelf_cli", "train", str(material.recipe), *data, "--name", MODEL]
    subprocess.run([*command, *settings, *until], check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def outcome(store: Store) -> tuple[bool, str]:
    """Whether both versions passed, and how the second compares with the first."""
    versions = store.versions(MODEL)
    compared = [check.reason for check in versions[-1].verdict.checks if "champion" in check.name]
    return len(versions) == 2 and all(one.verdict.passed for one in versions), "; ".join(compared)


def main(folder: Path, first: int, count: int) -> int:
    """Exit status 1 when a seed did not pass."""
    folder.mkdir(parents=True, exist_ok=True)
    material = completejourney(folder, full=False)
    passed = 0
    for seed in range(first, first + count):
        root = folder / f"seed-{seed}"
        root.mkdir()
        train(material, root, seed, "--until", material.cut)
        train(material, root, seed)
        good, words = outcome(open_store(root))
        passed += good
        print(f"seed {seed}: {'passed' if good else 'REFUSED'}; {words}", flush=True)
    print(f"{passed} of {count} seeds passed")
    return 0 if passed == count else 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])))
