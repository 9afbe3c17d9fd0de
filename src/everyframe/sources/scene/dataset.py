"""Writes a scene as a benchmark: numbered pictures, labels and masks, and their ``dataset.json``."""

from __future__ import annotations

import json
import shutil
import tempfile
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from everyframe.errors import SettingError, StorageError
from everyframe.sources.scene.park import ParkScene
from everyframe.sources.scene.script import FAULTS, Scripted, kinds_of

MARGIN = 6.0
"""Seconds of normal before and after the anomaly in each test clip."""


def write_dataset(
    folder: str | Path,
    *,
    seed: int = 0,
    train_minutes: float = 2.0,
    fps: float | Fraction = 10,
    size: tuple[int, int] = (240, 136),
    script: str = "anomalies",
) -> Path:
    """Render a park as a benchmark's folder.

    ``train/01`` is normal; ``test/01`` and so on show one anomaly each, with normal seconds around it, on
    another day of the same park. Labels are one 0/1 per frame; masks are white where the anomaly is.

    Args:
        folder: Where to; must not exist, or be empty. Nothing is left behind when writing fails.
        seed: Makes one benchmark differ from the next.
        train_minutes: Length of the normal footage.
        fps: Frames per second.
        size: ``(width, height)`` in pixels.
        script: Which anomalies: a script's name, or kinds separated by commas.

    Returns:
        The path of ``dataset.json``.

    Raises:
        SettingError: The script has faults or nothing in it, or an argument is out of its range.
        StorageError: The folder is not empty, or cannot be written.
    """
    kinds = kinds_of(script)
    if not kinds or set(kinds) & set(FAULTS):
        raise SettingError(
            f"A benchmark needs anomalies and no faults, not script={script!r}; use anomalies."
        )
    train = ParkScene(2 * seed, train_minutes * 60.0, fps, size)
    test = ParkScene(2 * seed + 1, None, fps, size, script)
    target = Path(folder)
    try:
        if target.exists() and (not target.is_dir() or any(target.iterdir())):
            raise StorageError(f"{target} is there already and not empty; name another folder.")
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
        try:
            _write(draft, train, test)
            draft.chmod(0o755)
            draft.replace(target)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    except OSError as error:
        raise StorageError(f"Cannot write the benchmark to {target}: {error.strerror or error}.") from error
    return target / "dataset.json"


def _write(folder: Path, train: ParkScene, test: ParkScene) -> None:
    assert train.info.frames is not None
    _pictures(folder / "train" / "01", train, range(train.info.frames))
    entries = []
    for number, event in enumerate(test.truth, start=1):
        entries.append(_clip(folder, f"{number:02d}", test, event))
    fps = train.info.fps
    assert fps is not None
    about = {
        "name": "synthetic-park",
        "fps": int(fps) if fps.denominator == 1 else float(fps),
        "train": ["train/01"],
        "test": entries,
    }
    (folder / "dataset.json").write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")


def _clip(folder: Path, name: str, scene: ParkScene, event: Scripted) -> dict[str, str]:
    frames = [
        i
        for i in range(scene.info.frames or 0)
        if event.start - MARGIN <= scene.time(i) <= event.end + MARGIN
    ]
    _pictures(folder / "test" / name, scene, frames)
    labels = folder / "labels" / f"{name}.csv"
    labels.parent.mkdir(exist_ok=True)
    lines = [str(int(event.start <= scene.time(i) <= event.end)) for i in frames]
    labels.write_text("\n".join(lines) + "\n", encoding="utf-8")
    masks = folder / "masks" / name
    masks.mkdir(parents=True)
    for number, i in enumerate(frames, start=1):
        _save(masks / f"{number:04d}.png", scene.masks(i).astype(np.uint8) * np.uint8(255))
    return {
        "source": f"test/{name}",
        "labels": f"labels/{name}.csv",
        "masks": f"masks/{name}",
        "kind": event.kind,
    }


def _pictures(folder: Path, scene: ParkScene, frames: range | list[int]) -> None:
    folder.mkdir(parents=True)
    for number, i in enumerate(frames, start=1):
        _save(folder / f"{number:04d}.png", scene.frame(i).luma)


def _save(path: Path, picture: NDArray[np.uint8]) -> None:
    """Write a PNG; OpenCV's own writer would not say that the disk is full."""
    _, data = cv2.imencode(".png", picture, [cv2.IMWRITE_PNG_COMPRESSION, 1])
    path.write_bytes(data.tobytes())
