"""Spotting: from long footage to where in it what was taught happens."""

from everyframe.highlights.spotting.several import spot_several
from everyframe.highlights.spotting.spotting import Judged, Progress, judged, spot, told
from everyframe.highlights.spotting.suppress import suppress

__all__ = ["Judged", "Progress", "judged", "spot", "spot_several", "suppress", "told"]
