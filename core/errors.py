"""What can go wrong, as one tree; every message states the fact and the way out.

    DigitscopeError
    ├── ImageError       a picture or document that cannot be read
    ├── ModelError       a model or card that is missing, damaged or foreign
    ├── DataError        a data set that is missing, damaged or cannot be fetched
    ├── TrainingError    a training run that cannot start or cannot go on
    │   └── NothingLearnedError  it was stopped before there was anything to keep
    ├── SettingsError    a setting outside what is possible
    │   └── ModelNameError       text that can name no model; a ModelError too
    └── StorageError     something that cannot be written to disk

Core raises these; pages and the command line catch `DigitscopeError` and show its sentence.
"""


class DigitscopeError(Exception):
    """Anything a user can meet and mend; its text is one sentence for people."""


class ImageError(DigitscopeError):
    """A picture or document that cannot be read."""


class ModelError(DigitscopeError):
    """A model or card that is missing, damaged or foreign."""


class DataError(DigitscopeError):
    """A data set that is missing, damaged or cannot be fetched."""


class TrainingError(DigitscopeError):
    """A training run that cannot start or cannot go on."""


class NothingLearnedError(TrainingError):
    """A training that was stopped before there was anything to keep."""


class SettingsError(DigitscopeError):
    """A setting outside what is possible."""


class ModelNameError(ModelError, SettingsError):
    """Text that can name no model."""


class StorageError(DigitscopeError):
    """Something that cannot be written to disk."""
