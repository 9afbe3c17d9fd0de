"""What a network is told of its mistakes."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional

from everyframe.errors import SettingError
from everyframe.vision.dense.classes import VOID
from everyframe.vision.dense.losses import LOSSES, class_weights, dice, loss, lovasz


def perfect(masks: torch.Tensor, classes: int) -> torch.Tensor:
    return 50.0 * functional.one_hot(masks.where(masks != VOID, 0), classes).permute(0, 3, 1, 2).float()


@pytest.fixture
def masks() -> torch.Tensor:
    told = torch.randint(0, 3, (2, 12, 16), generator=torch.Generator().manual_seed(0))
    told[:, :2] = VOID
    return told


@pytest.mark.parametrize("kind", LOSSES)
def test_the_loss_is_nothing_when_all_is_right_and_falls_with_mistakes(
    kind: str, masks: torch.Tensor
) -> None:
    weight = torch.ones(3)
    right = perfect(masks, 3)
    wrong = right.roll(1, dims=1)
    half = torch.where(torch.arange(16) < 8, right, wrong)
    values = [float(loss(kind, [one], masks, weight)) for one in (right, half, wrong)]
    assert values[0] == pytest.approx(0.0, abs=1e-4)
    assert values[0] < values[1] < values[2]


@pytest.mark.parametrize("kind", LOSSES)
def test_void_counts_for_nothing(kind: str, masks: torch.Tensor) -> None:
    scores = torch.randn(2, 3, 12, 16, generator=torch.Generator().manual_seed(1))
    other = scores.clone()
    other[:, :, :2] += torch.randn(2, 3, 2, 16, generator=torch.Generator().manual_seed(2)) * 20
    weight = torch.tensor([1.0, 2.0, 0.5])
    assert loss(kind, [scores], masks, weight) == pytest.approx(
        float(loss(kind, [other], masks, weight)), rel=1e-5
    )


def test_dice_of_a_case_by_hand() -> None:
    masks = torch.tensor([[[0, 0], [1, 1]]])
    share = torch.tensor([[[[0.8, 0.6], [0.1, 0.5]], [[0.2, 0.4], [0.9, 0.5]]]])
    # Class 0: 2 * 1.4 / (2.0 + 2) ; class 1: 2 * 1.4 / (2.0 + 2).
    assert float(dice(share.log(), masks)) == pytest.approx(1.0 - (2.8 / 4.0 + 2.8 / 4.0) / 2.0, abs=1e-5)


def test_lovasz_of_hard_decisions_is_one_less_the_mean_iou() -> None:
    masks = torch.tensor([[[0, 0, 0, 1]]])
    told = perfect(torch.tensor([[[0, 0, 1, 1]]]), 2)
    assert float(lovasz(told, masks)) == pytest.approx(1.0 - (2 / 3 + 1 / 2) / 2, abs=1e-4)


def test_coarser_scores_count_beside(masks: torch.Tensor) -> None:
    weight = torch.ones(3)
    right = perfect(masks, 3)
    coarse = torch.zeros(2, 3, 3, 4)
    assert float(loss("cross-entropy", [right, coarse], masks, weight)) == pytest.approx(
        0.4 * float(torch.tensor(3.0).log()), rel=1e-3
    )


def test_weights_count_pixels_or_classes() -> None:
    assert torch.allclose(class_weights([90, 10], 0.0), torch.ones(2))
    even = class_weights([90, 10], 1.0)
    assert float(even[1] / even[0]) == pytest.approx(9.0)
    assert float(0.9 * even[0] + 0.1 * even[1]) == pytest.approx(1.0)


def test_an_unknown_loss_is_refused(masks: torch.Tensor) -> None:
    with pytest.raises(SettingError, match="loss is 'hinge'; choose one of cross-entropy"):
        loss("hinge", [perfect(masks, 3)], masks, torch.ones(3))
