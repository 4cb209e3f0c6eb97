"""A publisher that dies leaves nothing that a reader could mistake for a version."""

import subprocess
import sys
from pathlib import Path

from hotshelf_store import CANDIDATE, Manifest, lead, open_store

ROUNDS = 200


def test_200_publishers_killed_at_random_points_leave_no_half_version(
    tmp_path: Path,
) -> None:
    root, bundle = tmp_path / "root", tmp_path / "bundle"
    root.mkdir()
    bundle.mkdir()
    for number in range(5):
        (bundle / f"file{number}").write_bytes(bytes([number]) * 50_000)
    script = Path(__file__).with_name("publish_until_killed.py")
    subprocess.run([sys.executable, script, root, bundle, str(ROUNDS)], check=True)

    store = open_store(root)
    numbers = [manifest.version for manifest in store.versions("m")]
    assert len(numbers) == len(set(numbers)) > 0
    for number in numbers:
        store.verify("m", number)
    following = store.publish("m", bundle, Manifest(runtime="lightgbm"))
    assert following > max(numbers)
    assert lead(store.aliases("m"), CANDIDATE) == following
    assert [entry.revision for entry in store.alias_history("m")] == list(range(store.aliases("m").revision, 0, -1))
    assert len(list((root / "m" / "files").iterdir())) > len(numbers), "no kill hit a publication in the middle"
