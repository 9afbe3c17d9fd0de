"""From the weights of a published network to an ONNX model in the cache, once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from everyframe.errors import WeightsError
from everyframe.files import atomic_write, storage_error
from everyframe.vision.backbones.eyes import Eyes, Identity, about, folder
from everyframe.vision.backbones.fetching import fetch, sha256_of
from everyframe.vision.backbones.networks import Made, make
from everyframe.vision.backbones.published import published
from everyframe.vision.exporting import exported
from everyframe.vision.runtime import Runtime

CLOSE = 1e-4
"""How far what the model says may be from what PyTorch says, in shares of the largest feature or of 1."""


def prepare(
    name: str, weights: Path | None = None, *, told: Callable[[str], object] = lambda _: None
) -> Eyes:
    """Return a published network, ready to run.

    Args:
        name: Such as ``resnet18`` or ``timm/resnet18``.
        weights: A state dict or safetensors; by default what is published, downloaded where it is not here.
        told: Called with a line before anything that takes long.

    Raises:
        SettingError: There is no such network, or what is needed to make it is not installed.
        WeightsError: The weights are missing, damaged, or of another network.
        StorageError: The cache does not take them.
    """
    url = ""
    if weights is None:
        wanted = published(name)
        weights, url = fetch(wanted, folder(), told), wanted.url
    identity = Identity(name, sha256_of(weights), weights.name, url)
    place = folder() / identity.model
    if place.exists():
        eyes = Eyes(place)
        if eyes.identity.checksum == identity.checksum:
            return eyes
    told(f"making {name} ready to run, once")
    return make_eyes(identity, weights)


def make_eyes(identity: Identity, weights: Path) -> Eyes:
    """Return the network of weights in a file, with its model left in the cache.

    Raises:
        SettingError: There is no such network.
        WeightsError: The weights are damaged, others than the identity says, or of another network.
        StorageError: The cache does not take the model.
    """
    found = sha256_of(weights)
    if found != identity.checksum:
        raise WeightsError(
            f"{weights} is another file than {identity.name} was taught with: its SHA-256 begins with"
            f" {found[:8]}, not {identity.checksum[:8]}"
        )
    place = folder() / identity.model
    model = to_onnx(make(identity.name, weights), identity)
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise storage_error(error, place.parent) from error
    atomic_write(place, model)
    return Eyes(place)


def to_onnx(made: Made, identity: Identity) -> bytes:
    """Return the ONNX model of a network; held against PyTorch before it is trusted.

    Its input is ``pictures``, ``(N, 3, side, side)`` from 0 to 1; its output ``features``, ``(N, width)``.

    Raises:
        WeightsError: It cannot be exported, or says something else than PyTorch does.
    """
    chance = np.random.default_rng(0)
    pictures = chance.random((3, 3, made.side, made.side), dtype=np.float32)
    try:
        with torch.inference_mode():
            expected = made.network(torch.from_numpy(pictures)).numpy()
        model = exported(
            made.network,
            (torch.zeros(2, 3, made.side, made.side),),
            ["pictures"],
            ["features"],
            {"pictures": {0: "n"}, "features": {0: "n"}},
            about(identity, made.side, expected.shape[1]),
        )
        said = Runtime(model).run({"pictures": pictures})[0]
    except Exception as error:  # exporters raise their own kinds
        why = (str(error).splitlines() or [type(error).__name__])[0]
        raise WeightsError(
            f"{identity.name} cannot be made an ONNX model ({why}): choose another backbone"
        ) from error
    apart = float(np.abs(said - expected).max())
    if not apart <= CLOSE * max(1.0, float(np.abs(expected).max())):  # also where they are no numbers
        raise WeightsError(
            f"{identity.name} with {identity.file} does not run right: its features differ by {apart:g} from"
            " PyTorch's; choose another backbone or other weights"
        )
    return model
