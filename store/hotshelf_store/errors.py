"""What can go wrong with a store. Each error carries a stable ``reason`` and says what to do."""


class StoreError(Exception):
    """Base of the store's errors."""

    reason = "STORE_ERROR"


class StoreUnavailable(StoreError):
    """The store can't be read or written at all."""

    reason = "STORE_UNAVAILABLE"


class InvalidName(StoreError):
    """A model, alias or file name that the store does not take."""

    reason = "INVALID_NAME"


class InvalidText(StoreError):
    """A reason or an author that is too long for the alias log."""

    reason = "INVALID_TEXT"


class InvalidWeights(StoreError, ValueError):
    """Shares of the traffic that no alias can have."""

    reason = "INVALID_WEIGHTS"


class ModelNotFound(StoreError):
    """No version of the model was ever published."""

    reason = "MODEL_NOT_FOUND"


class VersionNotFound(StoreError):
    """The model has no such version, or it was deleted."""

    reason = "VERSION_NOT_FOUND"


class InvalidBundle(StoreError):
    """A folder that is no bundle, or a manifest that can't be read."""

    reason = "INVALID_BUNDLE"


class CorruptFile(InvalidBundle):
    """A file of a bundle is not the one that was published."""

    reason = "CORRUPT_FILE"


class AliasConflict(StoreError):
    """Somebody else changed the alias log since it was read."""

    reason = "ALIAS_CONFLICT"


class PromotionRefused(StoreError):
    """The champion may not move: no passing verdict against the present champion."""

    reason = "PROMOTION_REFUSED"


class NoPrevious(StoreError):
    """There is nothing to roll back to."""

    reason = "NO_PREVIOUS"


class VersionInUse(StoreError):
    """A version that an alias names can't be deleted."""

    reason = "VERSION_IN_USE"


class ObjectNotFound(StoreError):
    """A backend holds no object of that key."""

    reason = "OBJECT_NOT_FOUND"


class ObjectExists(StoreError):
    """A backend already holds an object of that key."""

    reason = "OBJECT_EXISTS"
