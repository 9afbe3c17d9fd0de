"""The pipelines for archives: index what happens in footage, and find it again."""

from everyframe.archive.indexing import Indexed, Indexing, index
from everyframe.archive.searching import search

__all__ = ["Indexed", "Indexing", "index", "search"]
