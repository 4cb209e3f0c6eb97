"""From a wanted version to a servable that has proved itself. Nothing takes traffic but through here."""

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable
from hashlib import blake2b

from hotshelf_server.core.background import in_background, is_in_a_hurry
from hotshelf_server.core.busy import Busy
from hotshelf_server.core.interfaces import Servable
from hotshelf_server.core.types import VersionId
from hotshelf_server.models.harness import Loaded
from hotshelf_server.models.source import Bundle, Source
from hotshelf_server.models.states import Origin
from hotshelf_server.models.trial import Tried
from hotshelf_store import Manifest
from hotshelf_store.bundle import verify_files
from hotshelf_store.errors import InvalidBundle
from hotshelf_store.golden import Golden
from hotshelf_store.golden import read as read_golden
from hotshelf_store.profile import read_profile

log = logging.getLogger(__name__)

MAX_PROVED = 10_000
"""Bundles whose trial is remembered."""

WARM_UP_ROUNDS = 3
"""Times that the golden requests are asked again, so that no caller pays for what the first calls set up."""


class Loader:
    """Fetch, check every byte, try in a child process, load, replay the golden requests, warm up."""

    def __init__(
        self,
        source: Source,
        trial: Callable[[Bundle], Tried],
        load: Callable[[VersionId, Bundle, Tried], Servable],
        replay: Callable[[Servable, Golden], None],
        proved: Callable[[VersionId, Servable, Manifest, Golden | None], None] | None = None,
        *,
        prepare: Callable[[Manifest], None] | None = None,
        loading: Busy | None = None,
    ) -> None:
        """``proved`` is told of each servable that has proved itself, and of the golden requests that it answered.
        ``prepare`` imports what a bundle's load will need, and runs nothing of the bundle's. ``loading`` is busy while
        a bundle is loaded."""
        self._source = source
        self._trial = trial
        self._load = load
        self._replay = replay
        self._tell = proved
        self._prepare = prepare
        self._loading = loading or Busy()
        self._proved: OrderedDict[bytes, Tried] = OrderedDict()

    def __call__(self, version: VersionId) -> Loaded:
        """A servable that may take traffic, and the memory that it took in its trial.

        Raises `BadBundle` or `StoreError` saying at which step and why not.
        """
        with self._loading:
            return self._loaded(version)

    def _loaded(self, version: VersionId) -> Loaded:
        bundle = self._source.fetch(version)
        in_background(lambda: verify_files(bundle.folder, bundle.manifest))
        self._begin(bundle)
        tried = self._tried(bundle)
        servable = self._load(version, bundle, tried)
        try:
            golden = self._prove(servable, bundle, version)
            if self._tell is not None:
                self._tell(version, servable, bundle.manifest, golden)
        except BaseException:
            servable.close()
            raise
        return Loaded(servable, tried.memory_bytes, _origin(bundle))

    def _begin(self, bundle: Bundle) -> None:
        """Where callers wait for the server to start, import beside the trial, which imports the same in its process:
        with some libraries that takes either longer than all else."""
        if self._prepare is not None and is_in_a_hurry():
            threading.Thread(target=self._prepare, args=[bundle.manifest], name="imports", daemon=True).start()

    def _tried(self, bundle: Bundle) -> Tried:
        """What the bundle's trial found.

        One manifest is tried once: the files were checked against its digests just now, and a version that was loaded
        here before, and gave way to others, should be back soon.
        """
        content = blake2b(bundle.manifest.SerializeToString(deterministic=True), digest_size=16).digest()
        known = self._proved.get(content)
        if known is not None and bundle.manifest.files:
            return known
        tried = self._trial(bundle)
        self._proved[content] = tried
        if len(self._proved) > MAX_PROVED:
            self._proved.popitem(last=False)
        return tried

    def _prove(self, servable: Servable, bundle: Bundle, version: VersionId) -> Golden | None:
        if not bundle.manifest.HasField("golden"):
            log.warning(
                "model %s version %d has no golden requests: nothing shows that it answers here as where it was made",
                version.model,
                version.version,
            )
            return None
        golden = read_golden(bundle.folder / bundle.manifest.golden.path)
        for _ in range(1 + WARM_UP_ROUNDS):
            self._replay(servable, golden)
        return golden


def _origin(bundle: Bundle) -> Origin:
    """An absent time is the epoch itself. A profile that can't be read costs a metric, not the version."""
    manifest = bundle.manifest
    try:
        profile = read_profile(bundle.folder)
    except InvalidBundle as error:
        log.warning("model %s version %d: drift can't be told: %s", manifest.model, manifest.version, error)
        profile = None
    created, data_end = (moment.ToNanoseconds() / 1e9 for moment in (manifest.created_at, manifest.data.end))
    return Origin(created, data_end, profile and profile.in_short())
