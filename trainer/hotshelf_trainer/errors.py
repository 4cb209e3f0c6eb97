"""What stops a training, said once, for the person who started it."""


class TrainingError(Exception):
    """A training can't go on; the message names what was wrong and what was expected."""


class RecipeError(TrainingError):
    """The recipe is not one."""


class DataError(TrainingError):
    """The purchases can't be used."""


class ClusterError(TrainingError):
    """The cluster that fits are to be fanned out over can't be used, or was lost."""


class ServingError(TrainingError):
    """What was learned can't be served."""
