"""What is normal for a camera, and how far from it things are."""

from everyframe.anomaly.baseline import About, Baseline
from everyframe.anomaly.budget import Budget
from everyframe.anomaly.density import DensityDetector
from everyframe.anomaly.joining import Finding, Joiner
from everyframe.anomaly.learning import Learner
from everyframe.anomaly.reading import LOOK_AHEAD
from everyframe.anomaly.scoring import Scored, Scorer

__all__ = [
    "LOOK_AHEAD",
    "About",
    "Baseline",
    "Budget",
    "DensityDetector",
    "Finding",
    "Joiner",
    "Learner",
    "Scored",
    "Scorer",
]
