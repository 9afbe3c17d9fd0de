"""Text in pictures, read by RapidOCR with the networks that come in its wheel; nothing is ever downloaded."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from everyframe.errors import SettingError

DETECTOR, READER = "PP-OCRv6_det_small.onnx", "PP-OCRv6_rec_small.onnx"
"""The networks that find and that read lines of text, as the wheel of version 3.10 has them."""

_HOW = (
    "pip install 'everyframe[scoreboard]' and then pip install --no-deps rapidocr"
    " (without --no-deps it would replace the OpenCV that Everyframe needs)"
)
_LONGEST = 960  # pixels of a picture's longer side in which text is looked for
_NARROW = 96  # pixels: the reader widens what is narrower (by default to 320, which takes thrice as long)


@dataclass(frozen=True, slots=True)
class Word:
    """A word in a picture.

    Attributes:
        text: What it says.
        confidence: From 0 to 1.
        box: Left, top, right, bottom in pixels.
    """

    text: str
    confidence: float
    box: tuple[float, float, float, float]


class Engine:
    """Reads text.

    Raises:
        SettingError: RapidOCR is not installed, or its wheel has not the networks.
    """

    def __init__(self) -> None:
        if find_spec("rapidocr") is None:
            raise SettingError(f"reading scoreboards needs RapidOCR: {_HOW}.")
        import rapidocr

        folder = Path(rapidocr.__file__).parent / "models"
        missing = [name for name in (DETECTOR, READER) if not (folder / name).is_file()]
        if missing:
            raise SettingError(f"RapidOCR is installed without its network {missing[0]}: {_HOW}.")
        self._ocr: Any = rapidocr.RapidOCR(
            params={
                "Global.log_level": "error",
                "Global.use_cls": False,
                "EngineConfig.onnxruntime.intra_op_num_threads": 1,
                "EngineConfig.onnxruntime.inter_op_num_threads": 1,
                # With paths of files that are there, it looks nowhere else.
                "Det.model_path": str(folder / DETECTOR),
                "Det.limit_side_len": _LONGEST,
                "Det.limit_type": "max",
                "Rec.model_path": str(folder / READER),
                "Rec.rec_img_shape": [3, 48, _NARROW],
            }
        )

    def lines(self, picture: NDArray[np.uint8]) -> list[tuple[float, float, float, float]]:
        """Return where there are lines of text in an ``(H, W, 3)`` RGB picture: left, top, right, bottom."""
        found = self._ocr(_bgr(picture), use_det=True, use_cls=False, use_rec=False, return_word_box=False)
        if getattr(found, "boxes", None) is None:
            return []
        return [_around(box) for box in found.boxes]

    def words(self, picture: NDArray[np.uint8]) -> list[Word]:
        """Return the words in an ``(H, W, 3)`` RGB picture."""
        found = self._ocr(_bgr(picture), use_det=True, use_cls=False, use_rec=True, return_word_box=True)
        if getattr(found, "txts", None) is None:
            return []
        told = []
        for box, text, confidence, parts in zip(
            found.boxes, found.txts, found.scores, found.word_results or [()] * len(found.txts), strict=False
        ):
            pieces = [(piece, share, place) for piece, share, place in parts if place is not None]
            if len(pieces) > 1:
                told += [Word(piece, float(share), _around(place)) for piece, share, place in pieces]
            elif text.strip():
                told.append(Word(text, float(confidence), _around(box)))
        return told

    def read(self, picture: NDArray[np.uint8]) -> tuple[str, float]:
        """Return the one line of text that an ``(H, W, 3)`` RGB picture shows, and how sure that is."""
        found = self._ocr(_bgr(picture), use_det=False, use_cls=False, use_rec=True, return_word_box=False)
        if not getattr(found, "txts", None):
            return "", 0.0
        return str(found.txts[0]).strip(), float(found.scores[0])


@cache
def engine() -> Engine:
    """Return the one engine of this process: it takes a second to make.

    Raises:
        SettingError: RapidOCR is not installed, or its wheel has not the networks.
    """
    return Engine()


def _bgr(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), np.uint8)


def _around(corners: Any) -> tuple[float, float, float, float]:
    points = np.asarray(corners, np.float64).reshape(-1, 2)
    (left, top), (right, bottom) = points.min(axis=0), points.max(axis=0)
    return float(left), float(top), float(right), float(bottom)
