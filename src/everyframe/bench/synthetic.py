"""A small labelled set drawn by the synthetic scene: what continuous integration measures on."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np

from everyframe.bench.form import FORM
from everyframe.errors import StorageError
from everyframe.sources.scene import ParkScene

_TEST = ("cyclist", "cart,runner")


def write_dataset(
    root: Path,
    *,
    train_seconds: float = 120.0,
    test: tuple[str, ...] = _TEST,
    fps: float = 10.0,
    size: tuple[int, int] = (240, 136),
    seed: int = 0,
) -> Path:
    """Draw a set in the form of :mod:`everyframe.bench.dataset`, with exact labels and masks.

    A frame is labelled abnormal where a pixel shows the anomaly. The same arguments draw the same set.

    Args:
        root: The folder to write; made if need be.
        train_seconds: Seconds of normal footage; half of it goes to each of two sources.
        test: The script of each labelled source (``everyframe.sources.scene.script``).
        fps: Frames per second.
        size: ``(width, height)`` in pixels.
        seed: Makes one set differ from the next.

    Returns:
        ``root``.

    Raises:
        SettingError: The scene cannot be drawn so.
        StorageError: A file cannot be written.
    """
    form: dict[str, object] = {"name": "synthetic-park", "fps": fps}
    train = []
    for at in range(2):
        scene = ParkScene(1000 * seed + at, train_seconds / 2, fps, size)
        train.append(_write_frames(scene, root, f"train/{at + 1:02d}"))
    labelled = []
    for at, script in enumerate(test):
        scene = ParkScene(1000 * seed + 100 + at, None, fps, size, script)
        name = f"{at + 1:02d}"
        source = _write_frames(scene, root, f"test/{name}")
        labels, masks = _write_truth(scene, root, name)
        labelled.append({"source": source, "labels": labels, "masks": masks})
    form |= {"train": train, "test": labelled}
    _write(root / FORM, json.dumps(form, indent=1).encode())
    return root


def write_clip(
    path: Path, *, seconds: float = 20.0, fps: int = 25, size: tuple[int, int] = (640, 360), seed: int = 0
) -> Path:
    """Encode the scene's normal day as H.264, to measure speed on.

    Args:
        path: The file to write, such as ``park.mp4``.
        seconds: How long.
        fps: Frames per second.
        size: ``(width, height)`` in pixels, both even.
        seed: Makes one clip differ from the next.

    Returns:
        ``path``.

    Raises:
        SettingError: The scene cannot be drawn so.
        StorageError: The file cannot be written.
    """
    scene = ParkScene(seed, seconds, fps, size)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with av.open(str(path), "w") as container:
            stream = container.add_stream("libx264", rate=Fraction(fps))
            stream.width, stream.height = size
            stream.pix_fmt = "yuv420p"
            stream.options = {"preset": "veryfast", "crf": "26"}
            for at in range(scene.info.frames or 0):
                picture = av.VideoFrame.from_ndarray(scene.frame(at).luma, format="gray")
                container.mux(stream.encode(picture.reformat(format="yuv420p")))
            container.mux(stream.encode())
    except OSError as error:
        raise _unwritable(path, error) from None
    return path


def _write_frames(scene: ParkScene, root: Path, name: str) -> str:
    for at in range(scene.info.frames or 0):
        _write_picture(root / name / f"{at:05d}.png", scene.frame(at).luma)
    return name


def _write_truth(scene: ParkScene, root: Path, name: str) -> tuple[str, str]:
    labels = []
    for at in range(scene.info.frames or 0):
        mask = scene.masks(at)
        labels.append(str(int(mask.any())))
        _write_picture(root / "masks" / name / f"{at:05d}.png", np.where(mask, 255, 0).astype(np.uint8))
    _write(root / "labels" / f"{name}.csv", ("\n".join(labels) + "\n").encode())
    return f"labels/{name}.csv", f"masks/{name}"


def _write_picture(path: Path, picture: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> None:
    # Little compression: these are read once or twice, and drawing them should not take longer than scoring.
    _, encoded = cv2.imencode(".png", picture, [cv2.IMWRITE_PNG_COMPRESSION, 1])
    _write(path, encoded.tobytes())


def _write(path: Path, content: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    except OSError as error:
        raise _unwritable(path, error) from None


def _unwritable(path: Path, error: OSError) -> StorageError:
    return StorageError(f"{path} cannot be written ({error.strerror}); free space or choose another folder")
