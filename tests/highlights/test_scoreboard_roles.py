"""Which part of a board is what, told by what was read there over time."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from everyframe.highlights.scoreboard.finding import Board, Cell
from everyframe.highlights.scoreboard.making import Scoreboard, _made
from everyframe.highlights.scoreboard.reading import Looked, Seen
from everyframe.highlights.scoreboard.roles import tell
from everyframe.types import Box

Said = Callable[[float], str]


def read(*cells: tuple[int, int, Said], seconds: int = 60, tall: int = 20) -> Scoreboard:
    """Read a board whose cells (row, left edge, what it says when) are read every second."""
    known = tuple(Cell(Box(left, 24 * row, 30, tall), row, False) for row, left, _ in cells)
    none = np.zeros((4, 4))
    board = Board(Box(0, 0, 300, 48), known, none.astype(np.float32), none.astype(bool))
    times = [float(time) for time in range(seconds)]
    seen = [
        Seen(time, number, text, 0.9)
        for time in times
        for number, (_, _, says) in enumerate(cells)
        if (text := says(time))
    ]
    return _made("final.mp4", board.box, Looked(seen, times, [True] * seconds), tell(board, seen))


def scores(made: Scoreboard) -> list[str]:
    return [state.score for state in made.scores]


def down(start: float) -> Said:
    return lambda time: f"{int(start - time) // 60:02d}:{int(start - time) % 60:02d}"


def test_one_line_with_a_shot_clock_and_time_outs() -> None:
    made = read(
        (0, 0, lambda _: "LIONS"),
        (0, 60, lambda time: "9" if time < 30 else "11"),
        (0, 100, lambda _: "BEARS"),
        (0, 160, lambda time: "7" if time < 45.0 else "1O"),  # the letter O
        (0, 200, lambda _: "Q3"),
        (0, 230, down(300)),
        (0, 265, lambda time: str(24 - int(time) % 24)),
    )
    assert scores(made) == ["9-7", "11-7", "11-10"]
    assert [segment.about for segment in made.segments] == [
        {"score": "9-7 -> 11-7", "period": "Q3", "clock": "4:31"},
        {"score": "11-7 -> 11-10", "period": "Q3", "clock": "4:16"},
    ]
    assert made.clock_at(20.5) == 279.5
    assert made.game_clock().time_of("3rd quarter", 279.0) == 21.0


def test_a_score_with_a_colon_is_no_clock() -> None:
    made = read((0, 0, lambda time: "21:20" if time < 30 else "22:20"), (0, 60, down(600)))
    assert scores(made) == ["21-20", "22-20"]
    assert made.clock_at(10.0) == 590.0
    alone = read((0, 0, lambda time: "21:20" if time < 30 else "22:20"))
    assert scores(alone) in ([], ["21-20", "22-20"])


def test_football_counts_up_and_its_halves_are_numbered() -> None:
    def clock(time: float) -> str:
        shown = 45 * 60 + 100 + time if time < 30 else 45 * 60 + time - 30
        return f"{int(shown) // 60}:{int(shown) % 60:02d}"

    made = read((0, 0, lambda time: "1 - 0" if time < 40 else "1 - 1"), (0, 80, clock))
    assert scores(made) == ["1-0", "1-1"]
    assert {reading.period for reading in made.readings} == {"1", "2"}
    assert made.game_clock().time_of("2", 45 * 60 + 10.0) == 40.0
    assert made.segments[0].about["clock"] == "45:09"


def test_tennis_has_columns_and_a_game_is_one_change() -> None:
    made = read(
        *((0, left, lambda _, text=text: text) for left, text in ((0, "NOVAK"), (60, "6"))),
        (0, 90, lambda time: "3" if time < 40 else "4"),
        (0, 120, lambda time: "30" if time < 20 else "40" if time < 40 else "0"),
        (1, 0, lambda _: "SMITH"),
        (1, 60, lambda _: "4"),
        (1, 90, lambda _: "3"),
        (1, 120, lambda time: "15" if time < 40 else "0"),
    )
    assert scores(made) == ["6-4 3-3 30-15", "6-4 3-3 40-15", "6-4 4-3 0-0"]


def test_minutes_alone_are_a_clock() -> None:
    made = read((0, 0, lambda _: "0-0"), (0, 60, lambda time: f"{44 + int(time) // 60}'"), seconds=150)
    assert made.clock_at(70.0) is not None
    assert abs((made.clock_at(70.0) or 0.0) - 45 * 60) <= 60.0


def test_a_board_that_says_nothing_for_sure_makes_no_event() -> None:
    made = read(
        (0, 0, lambda time: str(int(time * 7919) % 10)), (0, 60, lambda time: str(int(time * 104729) % 10))
    )
    assert made.segments == []
