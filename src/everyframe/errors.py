"""Everything that Everyframe raises on purpose, in one tree.

::

    EveryframeError              what went wrong and what to do, in one line
    ├── SourceError              a source cannot be opened or read
    │   ├── SourceNotFound       there is no such file, folder or device
    │   ├── SourceUnreadable     it is there, but it is not video
    │   └── SourceUnreachable    a URL refuses, or does not answer in time
    ├── BaselineError            a baseline cannot be used
    │   ├── BaselineCorrupt      the file is damaged, or not a baseline
    │   └── BaselineMismatch     it was learned from another size or view
    ├── StorageError             nothing can be written (disk full, no permission)
    ├── DeliveryError            a message cannot be delivered
    ├── DatasetError             a folder of data is not as its form asks
    ├── SettingError             a setting is unknown or out of its range
    ├── LabelError               what was labelled cannot be learned from
    ├── LibraryError             a library of events cannot be used
    ├── WeightsError             a published network's weights are missing, damaged or of another network
    ├── ModelError               a network's file is missing, damaged, or of another kind
    └── AccountError             a name, password or role of somebody cannot be used

The command line prints the message in one line and exits with 2; a traceback is for bugs only.
"""


class EveryframeError(Exception):
    """Something a person can mend; the message says what is wrong and what to do."""


class SourceError(EveryframeError):
    """A source cannot be opened or read."""


class SourceNotFound(SourceError):
    """There is no such file, folder or device."""


class SourceUnreadable(SourceError):
    """The source exists, but holds no video that can be decoded."""


class SourceUnreachable(SourceError):
    """A URL refuses the connection, or does not answer in time."""


class BaselineError(EveryframeError):
    """A baseline cannot be used."""


class BaselineCorrupt(BaselineError):
    """The file is damaged, of a later version, or not a baseline at all."""


class BaselineMismatch(BaselineError):
    """The baseline was learned from another frame size or another view."""


class StorageError(EveryframeError):
    """Something cannot be written: the disk is full, or the place is not writable."""


class DeliveryError(EveryframeError):
    """A message cannot be delivered, now (it is tried again) or at all (``final``).

    Args:
        message: What is wrong and what to do.
        final: Whether trying again is of no use until a person changes something.
    """

    def __init__(self, message: str, *, final: bool = False) -> None:
        super().__init__(message)
        self.final = final


class DatasetError(EveryframeError):
    """A folder of data does not have the form that it should."""


class SettingError(EveryframeError):
    """A setting is unknown or out of its range."""


class AccountError(EveryframeError):
    """A name, a password or a role of somebody who uses the server cannot be used."""


class LabelError(EveryframeError):
    """Labelled segments cannot be read, or cannot be learned from."""


class LibraryError(EveryframeError):
    """A library of events is damaged, of a later version, or not one at all."""


class WeightsError(EveryframeError):
    """The weights of a published network are missing, damaged, or of another network."""


class ModelError(EveryframeError):
    """The file of a network is missing, damaged, of a later format, or of another kind."""
