"""What the page of results tells of seeing: what pictures show."""

from __future__ import annotations

from benchmarks.kept import Measurement
from benchmarks.tables import number, table


def _classified(kept: dict[str, Measurement]) -> list[str]:
    rows, skipped = [], []
    for one in kept.values():
        found = one.found
        if "skipped" in found:
            skipped.append(f"{found['row']}: {found['skipped']}.")
            continue
        rows.append(
            [
                found["row"],
                f"`{found['options']}`",
                str(found["epochs"]),
                number(found["cross_validated"], 3),
                number(found["val"], 3),
                f"{number(found['ece'], 3)} ({number(found['ece_uncalibrated'], 3)})",
                number(found["minutes"], 1),
            ]
        )
    lines = [
        "## Pictures",
        "",
        "Ants or bees (hymenoptera), by `everyframe classify train`. Learned from `train` alone, with the"
        " epochs and the temperature that cross-validation within it chose; `val` was looked at once, at the"
        " end. Calibration error (ECE) after and, in parentheses, before the temperature. Minutes are"
        " of a machine that others used, too.",
        "",
    ]
    head = ["what", "options", "epochs", "cross-validated", "val", "calibration error on val", "minutes"]
    lines += [*table(head, rows), "", *skipped]
    return [*lines, ""] if skipped else lines


SEEING = {"classify": _classified}
