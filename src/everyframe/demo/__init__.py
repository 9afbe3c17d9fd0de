"""The main job once, with no camera and no network: what ``everyframe demo`` does."""

from everyframe.demo.judge import Finding, judge
from everyframe.demo.story import Outcome, run

__all__ = ["Finding", "Outcome", "judge", "run"]
