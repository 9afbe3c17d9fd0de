"""Draws the pictures of the documentation, from the drawn scene only: ``python docs/make_pictures.py``.

One picture says what Everyframe does: what is normal at a place, and beside it what was not, and why. Another
says what the network for streets is made of.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from everyframe.anomaly import Baseline, Finding
from everyframe.anomaly.drawing import INK, PAPER, width_of, write
from everyframe.anomaly.show import picture
from everyframe.demo.ahead import Ahead
from everyframe.files import atomic_write
from everyframe.store.pictures import resized, thumbnail
from everyframe.store.words import how_rare, moment
from everyframe.types import RGB
from everyframe.vision.inside import architecture
from everyframe.watching import Watcher, learn

PLACE = Path(__file__).parent / "pictures"
_MARGIN, _WIDE, _LINE, _HEADING = 40, 500, 30, 66
_SHARP = 1480  # pixels that the picture is wide in the end
_PALE = (150, 156, 166)
_SHOWN = 2  # alerts beside what is normal


def main() -> None:
    """Draw all pictures."""
    PLACE.mkdir(exist_ok=True)
    atomic_write(PLACE / "architecture.png", architecture("street").png())
    baseline = learn(Ahead(seed=2, duration=480.0))
    day = Ahead(seed=3, script="cyclist,cart")
    findings = sorted(_found(day, baseline), key=lambda finding: -finding.event.score)[:_SHOWN]
    normal = picture(baseline)
    _write(PLACE / "normal.png", normal)
    _write(PLACE / "park.png", _beside(normal, [_alert(day, finding) for finding in findings]))


def _found(day: Ahead, baseline: Baseline) -> list[Finding]:
    watcher = Watcher(baseline, day.info, budget="1/hour")
    findings = [finding for item in day for finding in watcher.step(item)]
    return findings + watcher.flush()


def _alert(day: Ahead, finding: Finding) -> RGB:
    """Draw an alert: its picture, what deviates, and how rare that is."""
    event = finding.event
    encoded = np.frombuffer(thumbnail(day.scene.frame(finding.index), event.box, finding.heat), np.uint8)
    shown = cv2.imdecode(encoded, cv2.IMREAD_COLOR_RGB)
    assert shown is not None
    large = resized(np.asarray(shown, np.uint8), (_WIDE, round(_WIDE * shown.shape[0] / shown.shape[1])))
    lines = [
        (f"{event.reason[0].upper()}{event.reason[1:]}", INK, 17),
        (f"{moment(event.start)}   {how_rare(event.p_value)}", _PALE, 14),
    ]
    below = np.full((_LINE * len(lines) + 12, _WIDE, 3), PAPER, np.uint8)
    for number, (text, color, size) in enumerate(lines):
        assert width_of(text, size) <= _WIDE, f"{text} does not fit"
        write(below, text, (0, _LINE * (number + 1) - 4), size, color, bold=number == 0)
    return np.vstack([large, below])


def _beside(normal: RGB, alerts: list[RGB]) -> RGB:
    """Put what is normal and what was not next to each other, as high as each other."""
    height = max(normal.shape[0], sum(alert.shape[0] for alert in alerts) + _HEADING + 2 * _MARGIN)
    canvas = np.full((height, normal.shape[1] + _WIDE + _MARGIN, 3), PAPER, np.uint8)
    canvas[: normal.shape[0], : normal.shape[1]] = normal
    write(canvas, "What is not", (normal.shape[1], _MARGIN + 28), 32, INK, bold=True)
    top = _MARGIN + _HEADING
    for alert in alerts:
        canvas[top : top + alert.shape[0], normal.shape[1] : normal.shape[1] + _WIDE] = alert
        top += alert.shape[0]
    return resized(canvas, (_SHARP, round(_SHARP * canvas.shape[0] / canvas.shape[1])))


def _write(path: Path, rgb: RGB) -> None:
    done, data = cv2.imencode(".png", np.ascontiguousarray(rgb[:, :, ::-1]), [cv2.IMWRITE_PNG_COMPRESSION, 9])
    assert done, "PNG takes every uint8 picture"
    atomic_write(path, data.tobytes())


if __name__ == "__main__":
    main()
