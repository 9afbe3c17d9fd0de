"""A reel: the stretches worth seeing, cut from footage into one film.

::

    import everyframe as ef

    ef.reel("game.mp4", "reel.mp4", longest="90s")
    ef.reel("game.mp4", "smashes.mp4", labels="smashes.csv", beside="edl,otio")
    ef.reel("game.mp4", "short.mp4", labels=found, longest="25%", condense=True)
"""

from everyframe.highlights.reel.assembling import assemble, fitting
from everyframe.highlights.reel.cutting import Progress
from everyframe.highlights.reel.lengths import limit_of
from everyframe.highlights.reel.making import Reel, reel
from everyframe.highlights.reel.planning import Cut, Rules, condensed, plan

__all__ = ["Cut", "Progress", "Reel", "Rules", "assemble", "condensed", "fitting", "limit_of", "plan", "reel"]
