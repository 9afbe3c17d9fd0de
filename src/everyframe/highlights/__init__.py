"""Finding: teach an event from a few examples, look for it in archives, cut what was found."""

from everyframe.highlights.clips import Steps, steps_of
from everyframe.highlights.labels import read_labels
from everyframe.highlights.library import Library
from everyframe.highlights.recogniser import add_classes, recognise, teach
from everyframe.highlights.segments import Segment

__all__ = ["Library", "Segment", "Steps", "add_classes", "read_labels", "recognise", "steps_of", "teach"]
