"""A scoreboard: read over time, so that a score change is an event, and an event has its game clock.

::

    import everyframe as ef

    board = ef.read_scoreboard("final.mp4")
    for change in board.segments:
        print(change.end, change.about["score"], change.about.get("clock"))
"""

from everyframe.highlights.scoreboard.making import LABEL, Progress, Scoreboard, State, read_scoreboard

__all__ = ["LABEL", "Progress", "Scoreboard", "State", "read_scoreboard"]
