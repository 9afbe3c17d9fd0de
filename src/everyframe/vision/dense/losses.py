"""What a network is told of its mistakes."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch.nn import functional

from everyframe.errors import SettingError
from everyframe.vision.dense.classes import VOID

LOSSES = ("cross-entropy", "lovasz", "dice")

_BESIDE = 0.4  # weight of coarser scores, as Zhao et al. (CVPR 2017) have it


def class_weights(counts: Sequence[int], flatness: float) -> torch.Tensor:
    """Return the weight of each class, 1 on average over pixels.

    Args:
        counts: Pixels of each.
        flatness: 0 counts every pixel the same, 1 every class.
    """
    share = torch.tensor(counts, dtype=torch.float64)
    share = (share / share.sum()).clamp_min(1e-4)
    weight = share.pow(-flatness)
    return (weight / (weight * share).sum()).to(torch.float32)


def loss(
    kind: str, all_scores: list[torch.Tensor], masks: torch.Tensor, weight: torch.Tensor
) -> torch.Tensor:
    """Return the loss of scores, and of coarser ones beside them.

    Args:
        kind: ``cross-entropy``; or with half of ``lovasz`` or ``dice`` beside it, which follow the IoU.
        all_scores: ``(N, classes, H, W)``, then coarser ones ``(N, classes, h, w)``.
        masks: ``(N, H, W)`` int64, ``VOID`` where nothing counts.
        weight: Of each class.

    Raises:
        SettingError: There is no such loss.
    """
    scores, *beside = (one.float() for one in all_scores)
    total = functional.cross_entropy(scores, masks, weight, ignore_index=VOID)
    if kind == "lovasz":
        total = total + 0.5 * lovasz(scores, masks)
    elif kind == "dice":
        total = total + 0.5 * dice(scores, masks)
    elif kind != "cross-entropy":
        raise SettingError(f"loss is {kind!r}; choose one of {', '.join(LOSSES)}")
    for coarse in beside:
        height, width = coarse.shape[2:]
        small = functional.interpolate(masks[:, None].float(), size=(height, width), mode="nearest-exact")
        near = small[:, 0].long()
        total = total + _BESIDE / len(beside) * functional.cross_entropy(
            coarse, near, weight, ignore_index=VOID
        )
    return total


def dice(scores: torch.Tensor, masks: torch.Tensor) -> torch.Tensor:
    """Return 1 less the mean overlap of the classes that a batch shows (Milletari et al., 3DV 2016)."""
    share = scores.softmax(dim=1)
    there = (masks != VOID)[:, None]
    truth = functional.one_hot(masks.where(masks != VOID, 0), scores.shape[1]).permute(0, 3, 1, 2) * there
    both = (share * truth).sum(dim=(0, 2, 3))
    either = (share * there).sum(dim=(0, 2, 3)) + truth.sum(dim=(0, 2, 3))
    shown = truth.sum(dim=(0, 2, 3)) > 0
    return 1.0 - (2.0 * both / either.clamp_min(1e-6))[shown].mean()


def lovasz(scores: torch.Tensor, masks: torch.Tensor) -> torch.Tensor:
    """Return a convex surrogate of 1 less the mean IoU of the classes that a batch shows.

    Berman, Rannen Triki and Blaschko, "The Lovász-softmax loss" (CVPR 2018).
    """
    share = scores.softmax(dim=1).permute(0, 2, 3, 1)[masks != VOID]
    told = masks[masks != VOID]
    losses = []
    for number in range(share.shape[1]):
        truth = (told == number).float()
        error, order = (truth - share[:, number]).abs().sort(descending=True)
        truth = truth[order]
        both = truth.sum() - truth.cumsum(0)
        either = truth.sum() + (1.0 - truth).cumsum(0)
        jaccard = 1.0 - both / either
        step = torch.cat([jaccard[:1], jaccard[1:] - jaccard[:-1]])
        # A class that is not shown has no IoU; asking is left to the device, which need not wait then.
        losses.append(torch.dot(error, step) * (truth.sum() > 0))
    shown = torch.stack([(told == number).any() for number in range(share.shape[1])]).sum()
    return torch.stack(losses).sum() / shown.clamp_min(1)
