"""What a mask's file holds, and the classes that a file beside the data gives it."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from tests.vision.dense.small_sets import save

from everyframe.errors import DatasetError
from everyframe.vision.dense.classes import CAMVID, VOID, named
from everyframe.vision.dense.layouts import camvid, voc
from everyframe.vision.dense.layouts.camvid_colours import CAMVID_COLOURS
from everyframe.vision.dense.layouts.class_files import find_class_file, read_class_file
from everyframe.vision.dense.layouts.table import MaskTable, plain_table

VALUES = np.array([[0, 1, 2], [2, VOID, 0]], np.uint8)
TABLE = plain_table(named(["road", "car", "tree"]))


def classes_file(folder: Path, told: Any, name: str = "classes.json") -> Path:
    path = folder / name
    path.write_text(told if isinstance(told, str) else json.dumps(told), "utf-8")
    return path


def test_values(tmp_path: Path) -> None:
    assert np.array_equal(TABLE.read_file(save(VALUES, tmp_path / "a.png")), VALUES)


def test_values_of_sixteen_bits(tmp_path: Path) -> None:
    table = MaskTable({1000: 0, 2000: 1, 0: VOID}, {})
    Image.fromarray(np.array([[1000, 2000, 0]], np.uint16)).save(tmp_path / "a.png")
    assert table.read_file(tmp_path / "a.png").tolist() == [[0, 1, VOID]]


def test_two_levels(tmp_path: Path) -> None:
    Image.fromarray(np.array([[True, False]])).save(tmp_path / "a.png")
    assert TABLE.read_file(tmp_path / "a.png").tolist() == [[1, 0]]


def test_values_that_a_tool_wrote_into_three_channels(tmp_path: Path) -> None:
    assert np.array_equal(TABLE.read_file(save(np.stack([VALUES] * 3, -1), tmp_path / "a.png")), VALUES)


def test_values_with_an_alpha_channel(tmp_path: Path) -> None:
    clear = np.stack([VALUES, np.full_like(VALUES, 9)], -1)
    assert np.array_equal(TABLE.read_file(save(clear, tmp_path / "a.png")), VALUES)


def test_the_numbers_of_a_palette(tmp_path: Path) -> None:
    picture = Image.fromarray(VALUES).convert("P")
    picture.putpalette([number * 7 % 256 for number in range(768)])
    picture.save(tmp_path / "a.png")
    assert np.array_equal(TABLE.read_file(tmp_path / "a.png"), VALUES)


def test_colours(tmp_path: Path) -> None:
    shown = np.array([TABLE_COLOURS[value] for value in (0, 1, 2, 2)], np.uint8).reshape(2, 2, 3)
    assert TABLE.read_file(save(shown, tmp_path / "a.png")).tolist() == [[0, 1], [2, 2]]
    clear = np.concatenate([shown, np.full((2, 2, 1), 3, np.uint8)], -1)
    assert TABLE.read_file(save(clear, tmp_path / "b.png")).tolist() == [[0, 1], [2, 2]]


TABLE_COLOURS = named(["road", "car", "tree"]).colours


def test_the_colours_of_a_palette_count_where_masks_are_coloured(tmp_path: Path) -> None:
    """A tool that makes pictures smaller numbers the colours as it likes."""
    path = classes_file(tmp_path, "0 0 0 void\n10 20 30 road\n70 60 50 car\n", "classes.txt")
    _, table = read_class_file(path)
    picture = Image.fromarray(np.array([[0, 1, 2]], np.uint8)).convert("P")
    picture.putpalette([70, 60, 50, 0, 0, 0, 10, 20, 30])
    picture.save(tmp_path / "a.png")
    assert table.read_file(tmp_path / "a.png").tolist() == [[1, VOID, 0]]


def test_an_unknown_value_is_named_with_its_place(tmp_path: Path) -> None:
    wrong = VALUES.copy()
    wrong[1, 2] = 7
    path = save(wrong, tmp_path / "street.png")
    with pytest.raises(DatasetError) as caught:
        TABLE.read_file(path)
    assert str(caught.value) == (
        f"{path} has the value 7 (at x 2, y 1), which is no class's; known are 0–2, 255: "
        "mend the mask, or add it to classes.json"
    )


def test_an_unknown_colour_is_named_with_its_place(tmp_path: Path) -> None:
    shown = np.zeros((2, 3, 3), np.uint8)
    shown[:] = TABLE_COLOURS[0]
    shown[0, 1] = (1, 2, 3)
    with pytest.raises(DatasetError, match=r"has the colour 1 2 3 \(at x 1, y 0\), which is no class's"):
        TABLE.read_file(save(shown, tmp_path / "a.png"))


def test_an_unknown_colour_of_a_palette_says_how_to_take_its_numbers(tmp_path: Path) -> None:
    path = classes_file(
        tmp_path, [{"name": "road", "colour": "#010203"}, {"name": "car", "colour": [9, 8, 7]}]
    )
    picture = Image.fromarray(np.array([[0, 1]], np.uint8)).convert("P")
    picture.putpalette([50, 50, 50, 60, 60, 60])
    picture.save(tmp_path / "a.png")
    with pytest.raises(
        DatasetError, match='write "masks": "values" there if the numbers of its palette count'
    ):
        read_class_file(path)[1].read_file(tmp_path / "a.png")
    path = classes_file(tmp_path, {"classes": json.loads(path.read_text()), "masks": "values"})
    assert read_class_file(path)[1].read_file(tmp_path / "a.png").tolist() == [[0, 1]]


def test_numbers_with_a_point_are_no_mask(tmp_path: Path) -> None:
    Image.fromarray(np.array([[0.0, 1.0]], np.float32)).save(tmp_path / "a.tif")
    with pytest.raises(DatasetError, match="is no mask: its pixels are of kind F; save it as PNG"):
        TABLE.read_file(tmp_path / "a.tif")


@given(st.permutations(range(3)))
def test_another_order_of_the_classes(order: list[int]) -> None:
    table = TABLE.renumbered(order)
    assert [table.values[value] for value in range(3)] == order
    assert [table.colours[colour] for colour in TABLE_COLOURS] == order
    assert table.values[VOID] == VOID


def test_names_alone(tmp_path: Path) -> None:
    for path in (
        classes_file(tmp_path, "road\n\n  car \ntraffic light\n", "classes.txt"),
        classes_file(tmp_path, ["road", "car", "traffic light"]),
        classes_file(tmp_path, {"classes": ["road", "car", "traffic light"]}),
    ):
        classes, table = read_class_file(path)
        assert classes == named(["road", "car", "traffic light"])
        assert table.values == {0: 0, 1: 1, 2: 2, VOID: VOID}
        assert not table.coloured


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("classes.txt", "# what it shows\n0 0 0 Void\n128 64 128 road\n64 0 128\ttraffic light"),
        ("label_colors.txt", "0 0 0\t\tVoid\n128 64 128\t\troad\n64 0 128\t\ttraffic light\n"),
        ("class_dict.csv", "name,r,g,b\nVoid, 0, 0, 0\nroad, 128, 64, 128\ntraffic light, 64, 0, 128\n"),
        ("classes.txt", "Void #000000\nroad #804080\ntraffic light #400080"),
    ],
)
def test_names_with_colours(tmp_path: Path, name: str, text: str) -> None:
    path = classes_file(tmp_path, text, name)
    assert find_class_file(tmp_path) == path
    classes, table = read_class_file(path)
    assert classes.names == ("road", "traffic light")
    assert classes.colours == ((128, 64, 128), (64, 0, 128))
    assert table.colours == {(0, 0, 0): VOID, (128, 64, 128): 0, (64, 0, 128): 1}
    assert table.values == {0: VOID, 1: 0, 2: 1, VOID: VOID}  # a line's number is a value
    assert table.coloured


def test_values_and_several_of_them_for_one_class(tmp_path: Path) -> None:
    told = {
        "classes": [
            {"name": "ground", "value": 0},
            {"name": "vehicle", "values": [26, 27, 28], "colours": ["#00008e", [0, 0, 70]]},
            {"name": "object", "value": 255},
        ],
        "void": [5, "#000000"],
    }
    classes, table = read_class_file(classes_file(tmp_path, told))
    assert classes.names == ("ground", "vehicle", "object")
    assert classes.colours[1] == (0, 0, 142)
    assert table.values == {0: 0, 26: 1, 27: 1, 28: 1, 255: 2, 5: VOID}
    assert table.colours == {(0, 0, 142): 1, (0, 0, 70): 1, (0, 0, 0): VOID}
    assert not table.coloured


def test_the_files_that_the_page_shows(tmp_path: Path) -> None:
    page = (Path(__file__).parents[3] / "docs/segment.md").read_text("utf-8")
    section = page.split("### Classes")[1].split("\n## ")[0]
    for kind, name, wanted in (
        ("text", "classes.txt", ("road", "tree")),
        ("json", "classes.json", ("road", "vehicle")),
    ):
        text = section.split(f"```{kind}\n")[1].split("```")[0]
        classes, table = read_class_file(classes_file(tmp_path, text, name))
        assert classes.names == wanted
        assert table.values[2 if kind == "text" else 3] == VOID


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.text(max_size=8)
        | st.sampled_from(["void", "#00ff00"]),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(
                st.sampled_from(["classes", "void", "masks", "name", "value", "values", "colour", "colours"]),
                inner,
                max_size=4,
            )
        ),
        max_leaves=12,
    )
)
def test_whatever_a_file_says_it_is_read_or_refused_in_a_line(told: Any) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = classes_file(Path(folder), json.dumps(told))
        try:
            classes, table = read_class_file(path)
        except DatasetError as error:
            said = str(error)
        else:
            said = ""
            assert set(table.values.values()) <= {*range(len(classes)), VOID}
    assert said.count("\n") == 0


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ("{", "line 1: no JSON"),
        ({"names": []}, r'write \{"classes": \["name", …\]\}'),
        ({"classes": ["a"], "colour": 1}, "'colour' is not known; known are classes, void and masks"),
        ({"classes": ["a"], "masks": "index"}, '"masks" is \'index\'; write "values" or "colours"'),
        ({"classes": ["a"], "masks": "colours"}, '"masks" are "colours", but no class has one'),
        ({"classes": ["a"], "void": ["grey"]}, "'grey' is no colour; write"),
        ([7], 'class 1 has no name; write "name" or'),
        ([{"name": "a", "color": "#000000"}], "'color' of a is not known; known are name"),
        ([{"name": "a", "colour": [0, 0, 256]}], "is no colour"),
        ([{"name": "a", "colours": "#000000"}], "the colours of a are not a list"),
        ([{"name": "a", "value": -1}], "the values of a are not numbers from 0 to 65535"),
        ([{"name": "a", "value": True}], "the values of a are not numbers"),
        ([{"name": "a"}, {"name": "b", "value": 0}], "0 is both a and b; give it to one"),
        ({"classes": ["a", "b"], "void": [1]}, "1 is both b and void; give it to one"),
        (["a", " "], "a class has an empty name; give it one"),
        (["a", "a"], "two classes are named 'a'; name each once"),
        ([], "0 classes; a mask can tell 1 to 255 apart"),
        (["void"], "0 classes"),
    ],
)
def test_a_file_that_is_wrong_says_where(tmp_path: Path, told: Any, said: str) -> None:
    path = classes_file(tmp_path, told)
    with pytest.raises(DatasetError, match=said) as caught:
        read_class_file(path)
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)


def test_lines_that_are_wrong(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="line '1 2 3': write a name, or three numbers of a colour"):
        read_class_file(classes_file(tmp_path, "road\n1 2 3\n", "classes.txt"))
    with pytest.raises(DatasetError, match=r"\[999, 0, 0\] is no colour"):
        read_class_file(classes_file(tmp_path, "999 0 0 road\n", "classes.txt"))
    (tmp_path / "classes.txt").write_bytes(b"stra\xdfe\n")
    with pytest.raises(DatasetError, match="cannot be read as text in UTF-8"):
        read_class_file(tmp_path / "classes.txt")


def test_camvids_own_colours_are_grouped() -> None:
    assert len(CAMVID_COLOURS) == 33  # 32, and SegNet's other colour of the pavement
    assert set(CAMVID_COLOURS.values()) == {*range(11), VOID}
    for number, colour in enumerate(CAMVID.colours):
        assert CAMVID_COLOURS[colour] == number
    assert CAMVID.names[CAMVID_COLOURS[192, 128, 192]] == "car"  # Truck_Bus
    assert camvid.TABLE.values[11] == VOID


def test_vocs_colours_are_those_of_its_palette() -> None:
    told = {
        0: (0, 0, 0),
        1: (128, 0, 0),
        2: (0, 128, 0),
        8: (64, 0, 0),
        15: (192, 128, 128),
        20: (0, 64, 128),
    }
    assert {number: voc.voc_colour(number) for number in told} == told
    assert voc.voc_colour(VOID) == (224, 224, 192)
    assert voc.VOC.names[15] == "person"
