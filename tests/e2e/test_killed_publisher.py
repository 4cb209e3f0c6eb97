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


def test_8_processes_that_publish_at_once_get_8_distinct_versions(tmp_path: Path) -> None:
    root, bundle = tmp_path / "root", tmp_path / "bundle"
    root.mkdir()
    bundle.mkdir()
    (bundle / "model.txt").write_text("trees")
    code = (
        "import sys; from pathlib import Path; from hotshelf_store import Manifest, open_store; "
        "store = open_store(Path(sys.argv[1])); sys.stdin.readline(); "
        "print(*(store.publish('m', Path(sys.argv[2]), Manifest()) for _ in range(5)))"
    )
    publishers = [
        subprocess.Popen(
            [sys.executable, "-c", code, root, bundle], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(8)
    ]
    for publisher in publishers:
        assert publisher.stdin is not None
        publisher.stdin.write("go\n")
        publisher.stdin.flush()
    said = [publisher.communicate()[0] for publisher in publishers]
    numbers = [int(number) for one in said for number in one.split()]
    assert sorted(numbers) == list(range(1, 41))
    store = open_store(root)
    assert lead(store.aliases("m"), CANDIDATE) == 40
    for number in numbers:
        store.verify("m", number)
