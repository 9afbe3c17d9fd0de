"""Where the weights of a network are published, as torchvision's and timm's own tables have it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from everyframe.errors import SettingError
from everyframe.vision.backbones import operators
from everyframe.vision.backbones.names import TIMM, check

_CHECKSUM = re.compile(r"-([0-9a-f]{8,64})\.(?:pth|pt|bin|safetensors)$")
_HUB = "https://huggingface.co/{place}/resolve/{revision}/{file}"


@dataclass(frozen=True, slots=True)
class Published:
    """Weights that somebody publishes.

    Attributes:
        name: Of the network.
        url: Where they are.
        file: Name under which they are kept here.
        checksum: What their SHA-256 begins with, in hexadecimal; empty where no table says.
    """

    name: str
    url: str
    file: str
    checksum: str

    @property
    def known_by(self) -> str:
        """What a person checks them by."""
        return f"SHA-256 begins with {self.checksum}" if self.checksum else "no checksum is published"


def published(name: str) -> Published:
    """Return where the best weights of a network are; the names of most files end in their checksum.

    Raises:
        SettingError: There is no such network, or it was published without weights.
    """
    check(name)
    if name.startswith(TIMM):
        url, file = _of_timm(name.removeprefix(TIMM))
    else:
        url = str(operators.torchvision().models.get_model_weights(name).DEFAULT.url)
        file = url.rpartition("/")[2]
    found = _CHECKSUM.search(url)
    return Published(name, url, file, found.group(1) if found else "")


def _of_timm(model: str) -> tuple[str, str]:
    told = operators.timm().get_pretrained_cfg(model)
    url = str(told.url or "") if told is not None else ""
    # Files with a checksum in their name come first: the hub tells one only when asked.
    if url.startswith("http") and (_CHECKSUM.search(url) or not told.hf_hub_id):
        return url, url.rpartition("/")[2]
    if told is None or not told.hf_hub_id or told.custom_load:
        raise SettingError(
            f"timm publishes no weights of {model} that can be read: give a file with --weights,"
            " or choose another model"
        )
    place, _, revision = str(told.hf_hub_id).partition("@")
    file = str(told.hf_hub_filename or "model.safetensors")
    kept = f"timm-{model}{file[file.rfind('.') :]}"
    return _HUB.format(place=place, revision=revision or "main", file=file), kept
