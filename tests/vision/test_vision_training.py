from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

torch = pytest.importorskip("torch")

from everyframe.errors import LibraryError, SettingError  # noqa: E402
from everyframe.vision.changing import Change, batch  # noqa: E402
from everyframe.vision.design import Design  # noqa: E402
from everyframe.vision.export import to_onnx  # noqa: E402
from everyframe.vision.front import CHANNELS, GRID  # noqa: E402
from everyframe.vision.network import Network  # noqa: E402
from everyframe.vision.pooled import Likeness, look, widths  # noqa: E402
from everyframe.vision.runtime import Runtime  # noqa: E402
from everyframe.vision.training import Learned, Schedule, train  # noqa: E402


def example(kind: int, seed: int, steps: int = 10) -> dict[str, NDArray[np.float16]]:
    chance = np.random.default_rng(seed)
    maps = {name: chance.random((steps, count, GRID, GRID)) * 0.3 for name, count in CHANNELS.items()}
    for value in maps.values():
        value[:, kind] += 0.7
    return {name: value.astype(np.float16) for name, value in maps.items()}


LESSONS = [example(n % 2, n) for n in range(16)]
KINDS = [n % 2 for n in range(16)]
SHORT = Schedule(epochs=3, size=8, seed=1)


def weights(network: Network) -> list[NDArray[np.float32]]:
    return [value.numpy() for value in network.state_dict().values()]


@pytest.mark.parametrize("recurrent", ["gru", "lstm", "none"])
@pytest.mark.parametrize("fusion", ["late", "early"])
def test_onnx_says_what_pytorch_says(recurrent: str, fusion: str) -> None:
    torch.manual_seed(0)
    design = Design(fusion=fusion, recurrent=recurrent)
    network = Network(design, 3)
    network.train()
    network(*batch(LESSONS[:8], design))  # so that batch normalisation knows something
    network.eval()
    runtime = Runtime(to_onnx(network))
    for steps in (2, 10, 33):
        streams, there = batch([example(1, 5, steps)], design)
        with torch.no_grad():
            told = network.embed(streams, there)
        found = runtime.run({name: value.numpy() for name, value in streams.items()})
        for one, other in zip(told.values(), found, strict=True):
            assert np.abs(one.numpy() - other).max() < 1e-4


def test_training_tells_two_kinds_apart_and_says_how_far_it_is() -> None:
    told: list[Learned] = []
    network = train(LESSONS, KINDS, Design(), Schedule(epochs=12, size=8), Change(), progress=told.append)
    assert [one.epoch for one in told] == list(range(1, 13))
    assert told[-1].loss < told[0].loss
    with torch.no_grad():
        found = network(*batch([example(n % 2, 90 + n) for n in range(6)], Design()))
    assert all(list(value.argmax(1).numpy()) == [0, 1, 0, 1, 0, 1] for value in found.values())


def test_padding_changes_nothing() -> None:
    torch.manual_seed(0)
    network = Network(Design(recurrent="none"), 2).eval()
    with torch.no_grad():
        alone = network(*batch([example(0, 3, 6)], Design()))
        beside = network(*batch([example(0, 3, 6), example(1, 4, 20)], Design()))
    for name, value in alone.items():
        assert np.allclose(value[0], beside[name][0], atol=1e-5)


def test_going_on_from_a_checkpoint_is_like_never_having_stopped(tmp_path: Path) -> None:
    whole = train(LESSONS, KINDS, Design(), SHORT, Change())
    place = tmp_path / "state"
    done: list[Learned] = []
    train(
        LESSONS, KINDS, Design(), SHORT, Change(), progress=done.append, stop=lambda: True, checkpoint=place
    )
    assert len(done) == 1
    on = train(LESSONS, KINDS, Design(), SHORT, Change(), progress=done.append, checkpoint=place)
    assert [one.epoch for one in done] == [1, 2, 3]
    assert all(np.array_equal(a, b) for a, b in zip(weights(whole), weights(on), strict=True))


def test_a_damaged_checkpoint_is_said_to_be_one(tmp_path: Path) -> None:
    (tmp_path / "state").write_bytes(b"nothing")
    with pytest.raises(LibraryError, match="delete it"):
        train(LESSONS, KINDS, Design(), SHORT, Change(), checkpoint=tmp_path / "state")


def test_training_ends_early_when_what_is_held_back_gets_no_better() -> None:
    told: list[Learned] = []
    wrong = [1 - kind for kind in KINDS]
    schedule = Schedule(epochs=40, size=8, patience=2)
    train(LESSONS, KINDS, Design(), schedule, Change(), held_back=(LESSONS, wrong), progress=told.append)
    assert told[-1].epoch < 40
    assert told[-1].held_back is not None


def test_a_design_that_is_none_is_refused() -> None:
    with pytest.raises(SettingError, match="streams are frames and flow"):
        Design(streams=("sound",))
    with pytest.raises(SettingError, match="gru, lstm, none"):
        Design(recurrent="transformer")
    with pytest.raises(SettingError, match="multiple of 4"):
        Design(side=9)


def test_adding_a_class_to_the_reading_by_likeness_leaves_the_others() -> None:
    rows = np.stack([look(one, ("frames", "flow")) for one in LESSONS])
    groups = widths(("frames", "flow"))
    assert rows.shape[1] == sum(groups)
    likeness = Likeness.fit(rows[:12], np.array(KINDS[:12]), groups)
    before = likeness.scores(rows[:12]).argmax(axis=1)
    likeness.add(rows[12:])
    after = likeness.scores(rows)
    assert np.array_equal(after[:12].argmax(axis=1), before)
    assert after[12:, 2].min() > after[:12, 2].max()
