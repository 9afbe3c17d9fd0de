"""A clip drawn by the synthetic scene, to measure speed on where there is no footage."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av

from everyframe.errors import StorageError
from everyframe.sources.scene import ParkScene


def write_clip(
    path: Path,
    *,
    seconds: float | None = 20.0,
    fps: int = 25,
    size: tuple[int, int] = (640, 360),
    seed: int = 0,
    script: str = "normal",
) -> Path:
    """Encode the scene as H.264, to measure speed on; a normal day unless told otherwise.

    Args:
        path: The file to write, such as ``park.mp4``.
        seconds: How long; ``None`` for as long as the script takes.
        fps: Frames per second.
        size: ``(width, height)`` in pixels, both even.
        seed: Makes one clip differ from the next.
        script: What happens in it; see ``sources.scene``.

    Returns:
        ``path``.

    Raises:
        SettingError: The scene cannot be drawn so.
        StorageError: The file cannot be written.
    """
    scene = ParkScene(seed, seconds, fps, size, script)
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


def _unwritable(path: Path, error: OSError) -> StorageError:
    return StorageError(f"{path} cannot be written ({error.strerror}); free space or choose another folder")
