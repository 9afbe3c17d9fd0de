"""Boxes, where they stand, and what they become."""

from __future__ import annotations

import json
from typing import Any
from xml.etree import ElementTree as ET

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from everyframe.errors import SettingError
from everyframe.vision.inside import architecture
from everyframe.vision.inside.layout import lay
from everyframe.vision.inside.words import amount

torch = pytest.importorskip("torch")
nn = torch.nn


class Block(nn.Module):  # type: ignore[name-defined,misc]
    def __init__(self, width: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(width)
        self.relu = nn.ReLU()

    def forward(self, maps: Any) -> Any:
        return self.relu(self.norm(self.conv(maps)) + maps)


def network() -> Any:
    return nn.Sequential(
        nn.Conv2d(3, 8, 3, 2, 1), nn.ReLU(), nn.Sequential(Block(8), Block(8), Block(8)), nn.Conv2d(8, 2, 1)
    )


@st.composite
def graphs(draw: st.DrawFn) -> tuple[list[float], list[list[int]]]:
    count = draw(st.integers(1, 14))
    widths = draw(st.lists(st.floats(100, 400), min_size=count, max_size=count))
    inputs = [
        sorted(draw(st.sets(st.integers(0, box - 1), min_size=1, max_size=3))) if box else []
        for box in range(count)
    ]
    return widths, inputs


@settings(max_examples=60, deadline=None)
@given(graphs())
def test_boxes_do_not_overlap_and_arrows_pass_beside_them(told: tuple[list[float], list[list[int]]]) -> None:
    widths, inputs = told
    found = lay(widths, inputs)
    spans = [
        (middle - wide / 2, middle + wide / 2) for middle, wide in zip(found.middles, widths, strict=True)
    ]
    for box, given_ in enumerate(inputs):
        assert all(found.rows[one] < found.rows[box] for one in given_)
        for other in range(box):
            if found.rows[other] == found.rows[box]:
                (left, right), (begin, end) = sorted((spans[box], spans[other]))
                assert right < begin
                assert left < end
    for (one, other), way in found.ways.items():
        rows = range(found.rows[one] + 1, found.rows[other])
        assert len(way) == len(rows)
        for row, place in zip(rows, way, strict=True):
            for box, (left, right) in enumerate(spans):
                assert found.rows[box] != row or not left <= place <= right
            assert found.left <= place <= found.right


def test_what_repeats_is_told_once() -> None:
    found = architecture(network(), size=(32, 32), depth=2)
    names = [(box.name, box.kind, box.count) for box in found.boxes]
    assert names == [("input", "input", 1), ("0", "Conv2d", 1), ("2.0–2", "Block", 3), ("3", "Conv2d", 1)]
    pile = found.boxes[2]
    assert pile.parameters == 3 * (8 * 8 * 9 + 16)
    assert pile.last.field == (3 + 3 * 4,) * 2
    assert found.boxes[1].detail == "3×3 /2 · relu"
    opened = architecture(network(), size=(32, 32), depth=3)
    assert [box.name for box in opened.boxes] == ["input", "0", "2.0.conv", "2.0.add", "3"]
    assert opened.repeats == {("2", "0"): (3, "Block")}
    assert opened.boxes[3].inputs == [2, 1]  # the skip
    for one in (found, opened):
        assert sum(layer.parameters for layer in one.layers) == one.parameters


def test_a_network_that_is_no_chain_of_the_same_is_not_told_as_one() -> None:
    other = nn.Sequential(nn.Sequential(Block(8), Block(8)), nn.Conv2d(8, 8, 1), nn.Sequential(Block(8)))
    other[0][1].conv.dilation, other[0][1].conv.padding = (2, 2), (2, 2)
    boxes = architecture(other, size=(32, 32), depth=2).boxes
    assert [box.count for box in boxes] == [1] * len(boxes)


def test_the_tree_holds_every_layer() -> None:
    found = architecture(network(), size=(32, 48), depth=1)
    told = json.loads(found.json())
    assert (told["format"], told["size"]) == (1, [32, 48])
    assert told["parameters"] == found.parameters
    assert told["multiply_adds"] == found.multiply_adds == sum(layer.multiply_adds for layer in found.layers)
    assert told["outputs"] == ["3"]
    blocks = told["children"][3]
    assert (blocks["name"], blocks["kind"]) == ("2", "Sequential")
    assert [child["kind"] for child in blocks["children"]] == ["Block"] * 3
    add = next(leaf for leaf in blocks["children"][0]["children"] if leaf["kind"] == "add")
    assert add["inputs"] == ["2.0.norm", "1"]
    assert (add["receptive_field"], add["stride"], add["whole_picture"]) == ([7, 7], [2, 2], False)

    def leaves(part: Any) -> int:
        return sum(map(leaves, part["children"])) if "children" in part else 1

    assert leaves(told) == len(found.layers)


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_pictures_show_every_box(depth: int) -> None:
    found = architecture(network(), size=(32, 32), depth=depth)
    root = ET.fromstring(found.svg())
    texts = [one.text for one in root.iter("{http://www.w3.org/2000/svg}text")]
    for box in found.boxes:
        assert box.name in texts
    png = cv2.imdecode(np.frombuffer(found.png(), np.uint8), cv2.IMREAD_COLOR)
    assert png is not None
    assert png.shape[:2] == (2 * int(root.get("height", 0)), 2 * int(root.get("width", 0)))
    edges = np.concatenate([png[:8].ravel(), png[-8:].ravel(), png[:, :8].ravel(), png[:, -8:].ravel()])
    assert (edges == 255).all()  # nothing runs out of the page
    assert (png < 100).any()


def test_a_page_that_no_picture_can_be_is_refused() -> None:
    # No two the same, so that none is told for the other.
    long = nn.Sequential(*(nn.Conv2d(1 + one, 2 + one, 1) for one in range(210)))
    with pytest.raises(SettingError, match="smaller depth, or an SVG"):
        architecture(long, size=(1, 1), depth=1).png()


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, ""),
        (7, "7"),
        (999, "999"),
        (1000, "1.00 k"),
        (999_999, "1.00 M"),
        (25_557_032, "25.6 M"),
        (123_456, "123 k"),
    ],
)
def test_amounts_have_three_digits(number: int, text: str) -> None:
    assert amount(number) == text
