"""Pictures of every kind are read as they are seen."""

from __future__ import annotations

import io
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from everyframe.errors import DatasetError
from everyframe.vision.pictures import picture_size, read_picture

RED, GREEN, WHITE = (200, 30, 20), (20, 180, 40), (255, 255, 255)


@pytest.fixture
def drawn() -> NDArray[np.uint8]:
    """Red above, green below, a white corner at the top left; wider than high."""
    picture = np.empty((24, 40, 3), np.uint8)
    picture[:12], picture[12:] = RED, GREEN
    picture[:4, :8] = WHITE
    return picture


def near(read: NDArray[np.uint8], wanted: NDArray[np.uint8], by: int = 12) -> bool:
    """Whether two pictures are alike but for what JPEG loses, at the places that are not edges."""
    places = np.s_[[1, 8, 18], [1, 30, 30]]
    assert read.shape == wanted.shape
    assert read.dtype == np.uint8
    return bool((np.abs(read[places].astype(int) - wanted[places]) <= by).all())


@pytest.mark.parametrize("ending", ["png", "jpg", "bmp", "tif", "webp", "ppm"])
def test_colour(drawn: NDArray[np.uint8], tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"a.{ending}"
    Image.fromarray(drawn).save(path, quality=95)
    assert near(read_picture(path), drawn)
    assert picture_size(path) == (24, 40)


def test_what_is_read_can_be_drawn_on(drawn: NDArray[np.uint8], tmp_path: Path) -> None:
    Image.fromarray(drawn).save(tmp_path / "a.png")
    read = read_picture(tmp_path / "a.png")
    read[0, 0] = 7
    assert read[0, 0].tolist() == [7, 7, 7]


def test_grey(tmp_path: Path) -> None:
    grey = np.arange(24, dtype=np.uint8).reshape(4, 6) * 10
    Image.fromarray(grey).save(tmp_path / "a.png")
    assert np.array_equal(read_picture(tmp_path / "a.png"), np.repeat(grey[:, :, None], 3, 2))


@pytest.mark.parametrize("ending", ["png", "tif"])
def test_sixteen_bits_keep_their_upper_eight(tmp_path: Path, ending: str) -> None:
    deep = np.array([[0, 255, 256, 0x7FFF], [0x8000, 0xC123, 0xFF00, 0xFFFF]], np.uint16)
    Image.fromarray(deep).save(tmp_path / f"a.{ending}")
    read = read_picture(tmp_path / f"a.{ending}")
    assert np.array_equal(read, np.repeat((deep >> 8).astype(np.uint8)[:, :, None], 3, 2))


def test_sixteen_bits_of_colour(tmp_path: Path) -> None:
    deep = np.array([[[0x1234, 0x5678, 0x9ABC], [0xFFFF, 0, 0x00FF]]], np.uint16)
    (tmp_path / "a.png").write_bytes(cv2.imencode(".png", deep[:, :, ::-1])[1].tobytes())
    assert read_picture(tmp_path / "a.png")[0].tolist() == [[0x12, 0x56, 0x9A], [0xFF, 0, 0]]


def test_sixteen_bits_of_the_other_byte_order(tmp_path: Path) -> None:
    deep = np.array([[0, 0x1234, 0xFFFF]], np.uint16)
    picture = Image.frombytes("I;16B", (3, 1), deep.astype(">u2").tobytes())
    picture.save(tmp_path / "a.tif")
    assert read_picture(tmp_path / "a.tif")[0, :, 0].tolist() == [0, 0x12, 0xFF]


def test_thirty_two_bits_are_refused(tmp_path: Path) -> None:
    Image.fromarray(np.array([[0, 1 << 20]], np.int32)).save(tmp_path / "a.tif")
    with pytest.raises(DatasetError, match="32 bits; save it with 8 or 16"):
        read_picture(tmp_path / "a.tif")
    Image.fromarray(np.array([[0.5, 0.1]], np.float32)).save(tmp_path / "b.tif")
    with pytest.raises(DatasetError, match="pixels of the kind F; save it with 8 or 16 bits"):
        read_picture(tmp_path / "b.tif")


def test_cmyk(drawn: NDArray[np.uint8], tmp_path: Path) -> None:
    """As a print shop saves it: JPEG of four inks, which Adobe's programs and Pillow write turned round."""
    Image.fromarray(drawn).convert("CMYK").save(tmp_path / "a.jpg", quality=95)
    with Image.open(tmp_path / "a.jpg") as opened:
        assert opened.mode == "CMYK"
    assert near(read_picture(tmp_path / "a.jpg"), drawn, by=20)
    Image.fromarray(drawn).convert("CMYK").save(tmp_path / "a.tif")
    assert near(read_picture(tmp_path / "a.tif"), drawn, by=2)


def test_palette_and_two_levels(drawn: NDArray[np.uint8], tmp_path: Path) -> None:
    Image.fromarray(drawn).convert("P", palette=Image.Palette.ADAPTIVE).save(tmp_path / "a.png")
    assert near(read_picture(tmp_path / "a.png"), drawn, by=8)
    Image.fromarray(np.array([[True, False]])).save(tmp_path / "b.png")
    assert read_picture(tmp_path / "b.png")[0].tolist() == [[255] * 3, [0] * 3]


def test_what_is_transparent_lies_on_white(tmp_path: Path) -> None:
    clear = np.array([[[10, 20, 30, 255], [10, 20, 30, 0], [0, 0, 0, 128]]], np.uint8)
    Image.fromarray(clear).save(tmp_path / "a.png")
    assert read_picture(tmp_path / "a.png")[0].tolist() == [[10, 20, 30], [255, 255, 255], [127, 127, 127]]
    grey = np.array([[[40, 255], [40, 0]]], np.uint8)
    Image.fromarray(grey).save(tmp_path / "b.png")
    assert read_picture(tmp_path / "b.png")[0].tolist() == [[40] * 3, [255] * 3]
    palette = Image.fromarray(np.array([[0, 1]], np.uint8)).convert("P")
    palette.putpalette([9, 9, 9, 50, 60, 70])
    palette.save(tmp_path / "c.png", transparency=0)
    assert read_picture(tmp_path / "c.png")[0].tolist() == [[255] * 3, [50, 60, 70]]


@pytest.mark.parametrize("note", range(1, 9))
def test_a_cameras_note_is_followed(drawn: NDArray[np.uint8], tmp_path: Path, note: int) -> None:
    """However the camera was held, the picture is upright: red above, the white corner at the top left."""
    held = {
        1: drawn,
        2: drawn[:, ::-1],
        3: drawn[::-1, ::-1],
        4: drawn[::-1],
        5: drawn.transpose(1, 0, 2),
        6: np.rot90(drawn, 1),
        7: drawn[::-1, ::-1].transpose(1, 0, 2),
        8: np.rot90(drawn, -1),
    }[note]
    exif = Image.Exif()
    exif[0x0112] = note
    Image.fromarray(np.ascontiguousarray(held)).save(tmp_path / "a.jpg", quality=95, exif=exif)
    assert near(read_picture(tmp_path / "a.jpg"), drawn)
    assert picture_size(tmp_path / "a.jpg") == (24, 40)


@pytest.mark.parametrize("ending", ["png", "jpg", "tif", "webp", "bmp"])
@pytest.mark.parametrize("share", [0.01, 0.5, 0.97])
def test_cut_short(tmp_path: Path, ending: str, share: float) -> None:
    picture = np.random.default_rng(0).integers(0, 256, (60, 80, 3), np.uint8)
    whole = io.BytesIO()
    Image.fromarray(picture).save(whole, {"jpg": "JPEG", "tif": "TIFF"}.get(ending, ending.upper()))
    path = tmp_path / f"street.{ending}"
    path.write_bytes(whole.getvalue()[: int(len(whole.getvalue()) * share)])
    with pytest.raises(DatasetError, match=r"street\.\w+ (is damaged or cut short|is no picture)"):
        read_picture(path)


@pytest.mark.parametrize("missing", [1, 8, 30, 120])
@pytest.mark.parametrize(
    "form", ["JPEG", "progressive", "PNG", "TIFF", "tiff_lzw", "WEBP", "BMP", "GIF", "PPM"]
)
def test_a_few_bytes_less_never_give_another_picture(tmp_path: Path, form: str, missing: int) -> None:
    picture = np.random.default_rng(0).integers(0, 256, (60, 80, 3), np.uint8)
    whole = io.BytesIO()
    if form == "progressive":
        Image.fromarray(picture).save(whole, "JPEG", progressive=True)
    elif form == "tiff_lzw":
        Image.fromarray(picture).save(whole, "TIFF", compression=form)
    else:
        Image.fromarray(picture).save(whole, form)
    path = tmp_path / "a.bin"
    path.write_bytes(whole.getvalue())
    wanted = read_picture(path)
    path.write_bytes(whole.getvalue()[:-missing])
    try:
        read = read_picture(path)
    except DatasetError:
        return
    assert np.array_equal(read, wanted)  # what is missing said nothing of the picture


def test_what_is_no_picture_or_not_there(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_text("not at all")
    with pytest.raises(DatasetError, match="no picture that can be read; save it anew as PNG or JPEG"):
        read_picture(tmp_path / "a.jpg")
    with pytest.raises(DatasetError, match="no picture that can be read"):
        picture_size(tmp_path / "a.jpg")
    (tmp_path / "empty.png").touch()
    with pytest.raises(DatasetError, match="no picture that can be read"):
        read_picture(tmp_path / "empty.png")
    with pytest.raises(DatasetError, match=r"gone\.png is not there"):
        read_picture(tmp_path / "gone.png")


def test_damaged_bytes(tmp_path: Path) -> None:
    """Whatever bits turn over: a picture, or one line that says so."""
    picture = np.random.default_rng(0).integers(0, 256, (20, 30, 3), np.uint8)
    whole = io.BytesIO()
    Image.fromarray(picture).save(whole, "PNG")
    chance = np.random.default_rng(5)
    said = []
    for _ in range(150):
        damaged = bytearray(whole.getvalue())
        for place in chance.integers(0, len(damaged), 3):
            damaged[place] ^= int(chance.integers(1, 256))
        (tmp_path / "a.png").write_bytes(damaged)
        try:
            read_picture(tmp_path / "a.png")
        except DatasetError as error:
            said.append(str(error))
    assert len(said) > 100
    assert not any("\n" in line for line in said)


def test_more_pixels_than_fit_are_refused(tmp_path: Path) -> None:
    head = Image.new("L", (1, 1))
    head.save(tmp_path / "a.png")
    data = bytearray((tmp_path / "a.png").read_bytes())
    data[16:24] = (30_000).to_bytes(4, "big") * 2  # the header alone claims them
    data[29:33] = zlib.crc32(data[12:29]).to_bytes(4, "big")
    (tmp_path / "a.png").write_bytes(data)
    with pytest.raises(DatasetError, match="more than 178 million pixels; cut it into parts"):
        read_picture(tmp_path / "a.png")
