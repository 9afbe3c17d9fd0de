from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.vision.classify.drawn import SIDE, TINY, folder, picture

from everyframe.errors import DatasetError, SettingError, StorageError, WeightsError
from everyframe.vision import classify
from everyframe.vision.classify import Classifier, Plan, Reached
from everyframe.vision.classify.explaining import heat
from everyframe.vision.runtime import Runtime

torch = pytest.importorskip("torch")

from everyframe.vision.classify import export  # noqa: E402
from everyframe.vision.classify.networks import make  # noqa: E402
from everyframe.vision.classify.probing import probe  # noqa: E402

PLAN = Plan(backbone=TINY, side=SIDE, epochs=24, batch=8, rate=2e-2, threads=1, hold_out=0.25)


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("drawn")
    folder(place / "train", 12)
    folder(place / "val", 8, seed=1)
    return place


@pytest.fixture(scope="module")
def trained(pictures: Path) -> Any:
    return classify.train(pictures, PLAN)


def test_it_tells_pictures_that_it_never_saw(trained: Any, pictures: Path, tmp_path: Path) -> None:
    trained.save(tmp_path / "shapes.onnx")
    told = list(classify.predict(tmp_path / "shapes.onnx", pictures / "val"))
    right = [one.label == one.path.parent.name for one in told]
    assert (len(told), set(trained.about["figures"])) == (16, {"held out", "measured"})
    assert np.mean(right) == trained.about["figures"]["measured"]["accuracy"] >= 0.8
    for one in told:
        assert sum(one.confidences.values()) == pytest.approx(1.0, abs=1e-5)
        assert one.confidence == max(one.confidences.values()) == one.confidences[one.label]
    assert trained.about["pictures"] == {"discs": 12, "stripes": 12}
    assert trained.curves["loss"][-1] < trained.curves["loss"][0]
    assert len(trained.curves["held_out"]) == len(trained.curves["loss"]) == trained.about["epochs"]


def test_the_model_says_what_pytorch_says(trained: Any) -> None:
    model = Runtime(trained.model)
    about = json.loads(model.about[classify.model.ABOUT])
    assert about == json.loads(json.dumps(trained.about))
    chance = np.random.default_rng(0)
    seen = chance.integers(0, 256, (3, 50, 70, 3)).astype(np.uint8)  # of any size
    confidences, logits, maps, lines = model.run(
        {"pictures": seen}, ["confidences", "logits", "maps", "lines"]
    )
    assert np.ptp(logits - maps.mean(axis=(2, 3)) @ lines.T, axis=0).max() < 1e-4  # all but the offsets
    raised = np.exp(logits / about["temperature"])
    assert np.allclose(confidences, raised / raised.sum(axis=1, keepdims=True), atol=1e-5)


def test_the_same_seed_gives_the_same_bytes_and_another_does_not(trained: Any, pictures: Path) -> None:
    assert classify.train(pictures, PLAN).model == trained.model
    assert classify.train(pictures, replace(PLAN, seed=1, epochs=1)).model != trained.model


@pytest.mark.parametrize(
    ("plan", "after"),
    [
        (PLAN, ("fine-tuning", 5)),
        (replace(PLAN, epochs=2, pretrain=2), ("pretraining", 1)),
        (replace(PLAN, epochs=2, pretrain=1, folds=2), ("fold 2 of 2", 1)),
    ],
    ids=["fine-tuning", "pretraining", "folds"],
)
def test_killed_and_gone_on_with_it_gives_the_same_bytes(
    plan: Plan, after: tuple[str, int], pictures: Path, tmp_path: Path, trained: Any
) -> None:
    class Killed(BaseException):
        pass

    def kill(reached: Reached) -> None:
        if (reached.doing, reached.epoch) == after:
            raise Killed

    state = tmp_path / "state"
    with pytest.raises(Killed):
        classify.train(pictures, plan, checkpoint=state, progress=kill)
    seen: list[Reached] = []
    found = classify.train(pictures, plan, checkpoint=state, progress=seen.append)
    assert (seen[0].doing, seen[0].epoch) == (after[0], after[1] + 1)
    whole = trained if plan == PLAN else classify.train(pictures, plan)
    assert found.model == whole.model
    assert found.curves == whole.curves
    assert seen[-1].done <= 1.0
    if not plan.folds:
        assert seen[-1].done == pytest.approx(1.0)
    assert [one.done for one in seen] == sorted(one.done for one in seen)


def test_stopped_it_keeps_what_was_learned(pictures: Path, tmp_path: Path) -> None:
    seen: list[Reached] = []
    found = classify.train(pictures, PLAN, progress=seen.append, stop=lambda: len(seen) >= 3)
    assert found.about["epochs"] == len(seen) == 3
    found.save(tmp_path / "early.onnx")
    assert Classifier(tmp_path / "early.onnx").classes == ("discs", "stripes")
    plan = replace(PLAN, folds=2, pretrain=2, epochs=2)
    early = classify.train(pictures, plan, stop=lambda: True, checkpoint=tmp_path / "state")
    assert early.about["epochs"] == 0
    assert early.about["figures"]["measured"]["pictures"] == 16
    assert early.about["figures"]["held out"]["pictures"] == 12  # of the fold that it was in
    seen.clear()
    later = classify.train(pictures, plan, progress=seen.append, checkpoint=tmp_path / "state")
    assert (seen[0].doing, seen[0].epoch) == ("pretraining", 2)
    assert later.model == classify.train(pictures, plan).model  # as if nobody had stopped it


def test_folds_hold_out_every_picture_once_and_learn_from_all(pictures: Path) -> None:
    seen: list[Reached] = []
    found = classify.train(pictures, replace(PLAN, folds=2), progress=seen.append)
    assert found.about["figures"]["cross-validated"]["pictures"] == 24
    assert list(dict.fromkeys(one.doing for one in seen)) == [
        "fold 1 of 2",
        "fold 2 of 2",
        "fine-tuning",
    ]
    assert 0 < found.about["epochs"] <= 24
    assert found.about["figures"]["measured"]["accuracy"] >= 0.7


def test_what_is_measured_on_changes_nothing_that_is_learned(
    trained: Any, pictures: Path, tmp_path: Path
) -> None:
    folder(tmp_path / "train", 12)
    folder(tmp_path / "val", 3, seed=5)
    other = classify.train(tmp_path, PLAN)
    assert other.about["figures"]["held out"] == trained.about["figures"]["held out"]
    assert other.about["temperature"] == trained.about["temperature"]
    assert other.curves == trained.curves


def test_the_heat_is_the_value_of_grad_cam_that_gradients_give(trained: Any, tmp_path: Path) -> None:
    torch.manual_seed(0)
    network = make(TINY, 2).eval()
    torch.nn.init.normal_(network.head.weight)
    maps = network.maps(torch.from_numpy(picture("discs", 3, (64, 96))).permute(2, 0, 1)[None])
    maps = maps.detach().requires_grad_()
    network.head(maps.mean(dim=(2, 3)))[0, 1].backward()
    assert maps.grad is not None
    weights = maps.grad.mean(dim=(2, 3), keepdim=True)
    expected = torch.relu((weights * maps).sum(dim=1))[0]
    expected = (expected / expected.max()).detach().numpy()
    found = heat(maps.detach().numpy()[0], network.head.weight.detach().numpy()[1])
    assert expected.max() == 1.0
    assert np.allclose(found, expected, atol=1e-5)


def test_a_probe_finds_the_line_between_classes() -> None:
    chance = np.random.default_rng(0)
    network = make(TINY, 3)
    labels = np.repeat(np.arange(3), 20)
    features = chance.normal(size=(60, 16)).astype(np.float32) * 5.0 + 3.0
    features[np.arange(60), labels] += 40.0
    probe(network, features, labels, seed=0)
    with torch.no_grad():
        told = network.head(torch.from_numpy(features)).argmax(dim=1).numpy()
    assert (told == labels).all()


def test_a_probe_alone_with_weights_from_elsewhere(pictures: Path, tmp_path: Path, trained: Any) -> None:
    torch.manual_seed(5)
    torch.save(make(TINY, 2).trunk.state_dict(), tmp_path / "some.pth")
    found = classify.train(pictures, replace(PLAN, weights=tmp_path / "some.pth", epochs=0))
    assert found.about["epochs"] == 0
    assert found.about["origin"]["weights"] == "some.pth"
    assert len(found.about["origin"]["sha256"]) == 64
    assert found.about["figures"]["held out"]["accuracy"] > 0.5
    filters = torch.load(tmp_path / "some.pth", weights_only=True)["network.stem.0.weight"].numpy()
    (same,) = Runtime(found.model).run({"pictures": np.zeros((1, 32, 32, 3), np.uint8)}, ["filters"])
    assert np.array_equal(filters, same)  # nothing but the lines was learned


def test_a_checkpoint_of_another_training_is_refused(pictures: Path, tmp_path: Path) -> None:
    state = tmp_path / "state"
    plan = replace(PLAN, epochs=1)
    classify.train(pictures, plan, checkpoint=state)
    with pytest.raises(WeightsError, match=r"another training \(batch, seed differ\)"):
        classify.train(pictures, replace(plan, seed=2, batch=4), checkpoint=state)
    torch.save({"network": 1}, tmp_path / "other")
    (tmp_path / "text").write_text("text")
    (tmp_path / "cut").write_bytes(state.read_bytes()[:2000])
    for name in ("other", "text", "cut"):
        with pytest.raises(WeightsError, match=f"{name} is "):
            classify.train(pictures, plan, checkpoint=tmp_path / name)


def test_what_is_wrong_is_said_before_any_picture_is_learned_from(pictures: Path, tmp_path: Path) -> None:
    def never(reached: Reached) -> None:
        raise AssertionError(reached)

    with pytest.raises(SettingError, match="choose 12 folds or fewer"):
        classify.train(pictures, replace(PLAN, folds=13), progress=never)
    with pytest.raises(SettingError, match="--side 160"):
        classify.train(pictures, replace(PLAN, backbone="timm/test_vit", from_scratch=True), progress=never)
    with pytest.raises(StorageError, match="its folder does not exist"):
        classify.train(pictures, PLAN, output=tmp_path / "no" / "such.onnx", progress=never)
    folder(tmp_path / "bad", 3)
    (tmp_path / "bad" / "discs" / "zz.jpg").write_bytes(b"\xff\xd8\xff\xe0 and no more")
    with pytest.raises(DatasetError, match=r"zz\.jpg"):
        classify.train(tmp_path / "bad", PLAN, progress=never)


@pytest.mark.parametrize(
    "wrong",
    [
        {"side": 31},
        {"hold_out": 0.0},
        {"hold_out": 1.0},
        {"folds": 1},
        {"rate": 0.0},
        {"batch": 1},
        {"epochs": -1},
        {"patience": 0},
        {"threads": 0},
        {"weights": Path("some.pth"), "from_scratch": True},
    ],
)
def test_a_plan_out_of_range(wrong: dict[str, Any]) -> None:
    with pytest.raises(SettingError, match=r"choose|give"):
        Plan(**wrong)


def test_how_long_it_learns_where_nobody_says() -> None:
    assert (Plan().times, Plan("resnet18").times, Plan("resnet18", from_scratch=True).times) == (100, 20, 100)
    assert Plan(epochs=0).times == 0
    assert Plan(weights=Path("some.pth")).transferred


def test_a_model_that_does_not_run_as_it_was_learned_is_not_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    network = make(TINY, 2).eval()
    torch.nn.init.normal_(network.head.weight)
    about = {"classes": ["a", "b"], "side": 32, "backbone": TINY}
    assert export.to_onnx(network, 1.0, about)
    monkeypatch.setattr(export, "CLOSE", -1.0)
    with pytest.raises(WeightsError, match="does not run right as an ONNX model"):
        export.to_onnx(network, 1.0, about)


def test_a_rare_class_is_told_too(tmp_path: Path) -> None:
    folder(tmp_path / "train", 24, ("stripes",))
    folder(tmp_path / "train", 6, ("discs",))
    folder(tmp_path / "val", 8, seed=1)
    found = classify.train(tmp_path, PLAN)
    assert min(found.about["figures"]["measured"]["by_class"]) >= 0.5
