"""The pipelines for archives: index what happens in footage, and find it again."""

from everyframe.archive.feed import Feed, feed, follow, give_feedback
from everyframe.archive.indexing import Indexed, Indexing, index
from everyframe.archive.picking import Picked, pick, pick_alerts
from everyframe.archive.searching import search

__all__ = [
    "Feed",
    "Indexed",
    "Indexing",
    "Picked",
    "feed",
    "follow",
    "give_feedback",
    "index",
    "pick",
    "pick_alerts",
    "search",
]
