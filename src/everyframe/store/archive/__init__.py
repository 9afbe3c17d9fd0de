"""The archive in the store: footage and its moments, kept once, found at once."""

from everyframe.store.archive.finding import Wanted, find, moment
from everyframe.store.archive.fulltext import words_for
from everyframe.store.archive.keeping import Keeper, Kept
from everyframe.store.archive.records import Footage, Found, StoredMoment

__all__ = ["Footage", "Found", "Keeper", "Kept", "StoredMoment", "Wanted", "find", "moment", "words_for"]
