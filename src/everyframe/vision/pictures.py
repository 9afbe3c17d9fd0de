"""Reading a still picture as what a person sees: upright, in eight bits of red, green and blue."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from everyframe.errors import DatasetError

ENDINGS = frozenset({".bmp", ".gif", ".jpeg", ".jpg", ".pgm", ".png", ".ppm", ".tif", ".tiff", ".webp"})
"""Endings that count as pictures, in small letters."""

_CLEAR = frozenset({"LA", "La", "PA", "RGBA", "RGBa"})
_CONVERTED = frozenset({"1", "L", "P", "CMYK", "YCbCr", "HSV", "RGBX"})
_DEEP = frozenset({"I", "I;16", "I;16B", "I;16L", "I;16N"})


def read_picture(path: Path) -> NDArray[np.uint8]:
    """Read a picture from a file.

    Grey, palette, CMYK and YCbCr become red, green and blue; 16 bits become the upper eight of them; what is
    transparent is laid on white, as a viewer shows it; a camera's note on how it was held (EXIF) is followed.

    Args:
        path: The file.

    Returns:
        ``(H, W, 3)`` RGB, writable.

    Raises:
        DatasetError: It is not there, is no picture, is damaged or cut short, has pixels of 32 bits or more
            of them than 178 million.
    """
    return np.array(_red_green_blue(open_picture(path), path), dtype=np.uint8)


def open_picture(path: Path) -> Image.Image:
    """Decode a picture upright, in its file's own mode: a palette stays a palette.

    Args:
        path: The file.

    Raises:
        DatasetError: As ``read_picture``.
    """
    try:
        with Image.open(path) as opened:
            opened.load()
            ImageOps.exif_transpose(opened, in_place=True)
            return opened
    except FileNotFoundError:
        raise DatasetError(f"{path} is not there; put it back, or take it off the list") from None
    except UnidentifiedImageError:
        raise DatasetError(f"{path} is no picture that can be read; save it anew as PNG or JPEG") from None
    except Image.DecompressionBombError:
        most = 2 * (Image.MAX_IMAGE_PIXELS or 0) // 1_000_000
        raise DatasetError(f"{path} has more than {most} million pixels; cut it into parts") from None
    except PermissionError:
        raise DatasetError(f"{path} may not be read; give yourself the right to") from None
    except (OSError, SyntaxError, ValueError, EOFError, MemoryError, UserWarning) as error:
        # Pillow's word for each format's own damage: broken chunks, data that ends early, sizes of nought.
        # It warns of some, which is an error where warnings are.
        why = str(error).split("\n", maxsplit=1)[0] or type(error).__name__
        raise DatasetError(f"{path} is damaged or cut short ({why}); fetch or save it anew") from error


def picture_size(path: Path) -> tuple[int, int]:
    """Return height and width of a picture once it is upright, from the beginning of its file alone.

    Args:
        path: The file.

    Raises:
        DatasetError: It is not there, or is no picture.
    """
    try:
        with Image.open(path) as opened:
            turned = opened.getexif().get(0x0112, 1) in (5, 6, 7, 8)
            width, height = opened.size
            return (width, height) if turned else (height, width)
    except (OSError, SyntaxError, ValueError) as error:
        raise DatasetError(f"{path} is no picture that can be read; save it anew as PNG or JPEG") from error


def _red_green_blue(picture: Image.Image, path: Path) -> Image.Image:
    if picture.mode == "RGB":
        return picture
    if picture.mode in _DEEP:
        return _of_deep_grey(picture, path).convert("RGB")
    if picture.mode in _CLEAR or (picture.mode in ("P", "L", "RGB") and "transparency" in picture.info):
        seen = picture.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", seen.size, "white"), seen).convert("RGB")
    if picture.mode not in _CONVERTED:
        raise DatasetError(
            f"{path} has pixels of the kind {picture.mode}; save it with 8 or 16 bits, grey or in colour"
        )
    return picture.convert("RGB")


def _of_deep_grey(picture: Image.Image, path: Path) -> Image.Image:
    values = np.asarray(picture)
    if values.size and (values.min() < 0 or values.max() > 0xFFFF):
        raise DatasetError(f"{path} has grey values of 32 bits; save it with 8 or 16")
    return Image.fromarray((values >> 8).astype(np.uint8))
