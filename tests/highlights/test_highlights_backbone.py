"""A library that was taught with a published network: here one whose features are written down by hand."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper
from tests.highlights.movers import KINDS

from everyframe.errors import LibraryError, SettingError, WeightsError
from everyframe.highlights import Library, Segment, Steps, add_classes, recognise, steps_of, teach
from everyframe.highlights.clips import EVERY, SQUARE
from everyframe.highlights.recogniser import learn
from everyframe.highlights.spotting import spot, spot_several
from everyframe.vision.backbones import Eyes, Identity
from everyframe.vision.backbones.eyes import about
from everyframe.vision.design import Design
from everyframe.vision.pooled import widths

WIDTH = 3 * 49
FLOW = Design(streams=("flow",))


def pooling(identity: Identity) -> bytes:
    """Return a model whose features are the picture itself, in 7 x 7 cells."""
    nodes = [
        helper.make_node("AveragePool", ["pictures"], ["cells"], kernel_shape=[16, 16], strides=[16, 16]),
        helper.make_node("Flatten", ["cells"], ["features"]),
    ]
    taken = helper.make_tensor_value_info("pictures", TensorProto.FLOAT, ["n", 3, SQUARE, SQUARE])
    given = helper.make_tensor_value_info("features", TensorProto.FLOAT, ["n", WIDTH])
    model = helper.make_model(
        helper.make_graph(nodes, "pooling", [taken], [given]), opset_imports=[helper.make_opsetid("", 17)]
    )
    model.ir_version = 8
    onnx.helper.set_model_props(model, about(identity, SQUARE, WIDTH))
    return bytes(model.SerializeToString())


IDENTITY = Identity(
    "resnet18", "ab" * 32, "resnet18-abababab.pth", "https://example.org/resnet18-abababab.pth"
)


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("cache")
    (place / "everyframe" / "backbones").mkdir(parents=True)
    (place / "everyframe" / "backbones" / IDENTITY.model).write_bytes(pooling(IDENTITY))
    return place


@pytest.fixture(autouse=True)
def _cache(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))


@pytest.fixture(scope="module")
def eyes(cache: Path) -> Eyes:
    return Eyes(cache / "everyframe" / "backbones" / IDENTITY.model)


@pytest.fixture(scope="module")
def few(lessons: list[Segment]) -> list[Segment]:
    return [segment for kind in KINDS for segment in lessons if segment.label == kind and _early(segment)]


def _early(segment: Segment) -> bool:
    return int(Path(segment.source).stem) < 5


@pytest.fixture(scope="module")
def seen(eyes: Eyes, few: list[Segment]) -> list[list[Steps]]:
    return [steps_of(segment, partial(eyes.views, mirror=True)) for segment in few]


@pytest.fixture(scope="module")
def with_eyes(eyes: Eyes, few: list[Segment], seen: list[list[Steps]]) -> bytes:
    """Return a library in which the network joins, whatever it earns."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("everyframe.highlights.recogniser.calibrated", _for_the_last)
        return learn(seen, [one.label for one in few], design=FLOW, eyes=eyes).to_bytes()


def _for_the_last(*told: object) -> object:
    from everyframe.highlights.calibrating import Calibrated

    widths = told[3]
    assert isinstance(widths, list)
    return Calibrated(16.0, 0.5, 1.0, -float(len(widths)))


def test_a_network_joins_only_where_examples_left_out_are_told_better(
    eyes: Eyes, few: list[Segment], seen: list[list[Steps]]
) -> None:
    labels = [segment.label for segment in few]
    # Where nothing can be left out, nobody can say that it helps: it stays out, and changes nothing.
    alone = learn(seen, labels, groups=["one place"] * len(few), design=FLOW, eyes=eyes)
    assert alone.backbone is None
    assert alone.likeness.groups == widths(FLOW.streams)
    # Motion says nothing of these labels, and what the network sees is the label itself.
    labels = [KINDS[number % len(KINDS)] for number in range(len(few))]
    plain = learn(seen, labels, design=FLOW)
    told = [
        [replace(one, seen=_only(KINDS.index(label), one.seen)) for one in windows]
        for windows, label in zip(seen, labels, strict=True)
    ]
    library = learn(told, labels, design=FLOW, eyes=eyes)
    assert library.backbone == IDENTITY
    assert library.likeness.groups[-1] == 4 * WIDTH
    assert library.about["accuracy"] > plain.about["accuracy"]


def _only(kind: int, like: NDArray[np.float16] | None) -> NDArray[np.float16]:
    assert like is not None
    found = np.zeros_like(like)
    found[:, :, kind] = 1.0
    return found


def test_a_library_keeps_the_name_and_the_checksum_and_not_the_weights(
    with_eyes: bytes, exam: list[Segment]
) -> None:
    library = Library.from_bytes(with_eyes)
    assert library.backbone == IDENTITY
    assert library.likeness.groups[-1] == 4 * WIDTH == library.widths[-1]
    assert pooling(IDENTITY)[:200] not in with_eyes
    right = [next(iter(recognise(library, one))) == one.label for one in exam[::2]]
    assert np.mean(right) >= 0.8
    (steps,) = steps_of(exam[0], library.see)
    assert steps.seen is not None
    assert steps.seen.shape == (2, -(-len(steps) // EVERY), WIDTH)
    again = Library.from_bytes(library.to_bytes())
    assert np.array_equal(again.probabilities(steps), library.probabilities(steps))


def test_what_is_seen_follows_the_action(with_eyes: bytes, exam: list[Segment]) -> None:
    library = Library.from_bytes(with_eyes)
    across = next(one for one in exam if one.label == "across")
    (steps,) = steps_of(across, library.see)
    assert steps.seen is not None
    plain, mirrored = (view.reshape(-1, 3, 7, 7).astype(np.float32) for view in steps.seen)
    assert np.allclose(plain[:, 0], plain[:, 2])  # grey
    assert np.allclose(plain, mirrored[..., ::-1], atol=1e-2)
    middle = plain[:, 0, 2:5, 2:5].mean(axis=(1, 2))
    assert np.mean(middle > plain[:, 0].mean(axis=(1, 2))) > 0.7  # the square is brighter than its ground


def test_a_class_is_added_to_it(with_eyes: bytes, lessons: list[Segment], exam: list[Segment]) -> None:
    library = Library.from_bytes(with_eyes)
    again = [Segment(0.0, 1.2, "short", source=one.source) for one in lessons if one.label == "up"][:5]
    add_classes(library, again)
    assert library.classes == [*sorted(KINDS), "short"]
    assert len(recognise(library, exam[0])) == 4


def test_steps_without_the_network_are_refused(with_eyes: bytes, exam: list[Segment]) -> None:
    library = Library.from_bytes(with_eyes)
    with pytest.raises(SettingError, match=r"without resnet18: use steps_of\(segment, library.see\)"):
        library.probabilities(steps_of(exam[0]))


def test_spotting_without_the_network_says_which_file_to_put_where(
    with_eyes: bytes, exam: list[Segment], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    film = exam[0].source
    assert list(spot(film, Library.from_bytes(with_eyes), threshold=0.0)) is not None
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    library = Library.from_bytes(with_eyes)  # it can be read all the same
    for find in (lambda: list(spot(film, library)), lambda: list(spot_several([film], library, workers=1))):
        with pytest.raises(WeightsError) as caught:
            find()
        line = str(caught.value)
        assert "\n" not in line
        for part in (
            "resnet18-abababab.onnx",
            "resnet18-abababab.pth",
            "ab" * 32,
            str(tmp_path),
            IDENTITY.url,
        ):
            assert part in line


def test_a_library_whose_network_is_none_is_refused(with_eyes: bytes) -> None:
    length = int.from_bytes(with_eyes[:8], "little")
    header = json.loads(with_eyes[8 : 8 + length])
    told = json.loads(header["__metadata__"]["everyframe library"])
    for wrong in ({"file": "../../etc/passwd"}, {"checksum": "f37072fd"}, {"name": 3}, {"more": 1}):
        changed = {**told, "backbone": {**told["backbone"], **wrong}}
        header["__metadata__"]["everyframe library"] = json.dumps(changed)
        data = json.dumps(header).encode()
        with pytest.raises(LibraryError, match="damaged"):
            Library.from_bytes(len(data).to_bytes(8, "little") + data + with_eyes[8 + length :])


def test_weights_without_a_backbone_are_refused(lessons: list[Segment]) -> None:
    with pytest.raises(SettingError, match="weights are those of a backbone"):
        teach(lessons, weights="own.pth")
