"""The 32 colours of CamVid's first masks, and which of its eleven classes each belongs to."""

from __future__ import annotations

from everyframe.types import Colour
from everyframe.vision.dense.classes import CAMVID, VOID

_MEMBERS: dict[str, tuple[Colour, ...]] = {
    "sky": ((128, 128, 128),),
    # wall, tunnel, bridge, archway
    "building": ((128, 0, 0), (64, 192, 0), (64, 0, 64), (0, 128, 64), (192, 0, 128)),
    "pole": ((192, 192, 128), (0, 0, 64)),  # traffic cone
    "road": ((128, 64, 128), (128, 0, 192), (192, 0, 64)),  # markings: driven on, not driven on
    # in SegNet's colours, sidewalk, parking block, road shoulder
    "pavement": ((60, 40, 222), (0, 0, 192), (64, 192, 128), (128, 128, 192)),
    "tree": ((128, 128, 0), (192, 192, 0)),  # other vegetation
    "sign": ((192, 128, 128), (128, 128, 64), (0, 64, 64)),  # other text, traffic light
    "fence": ((64, 64, 128),),
    # pick-up, lorry or bus, train, other that moves
    "car": ((64, 0, 128), (64, 128, 192), (192, 128, 192), (192, 64, 128), (128, 64, 64)),
    "pedestrian": ((64, 64, 0), (192, 128, 64), (64, 0, 192), (64, 128, 64)),  # child, pram, animal
    "cyclist": ((0, 128, 192), (192, 0, 192)),  # motorcycle
}

CAMVID_COLOURS: dict[Colour, int] = {(0, 0, 0): VOID} | {
    colour: CAMVID.names.index(name) for name, colours in _MEMBERS.items() for colour in colours
}
"""Class by colour, grouped as by Badrinarayanan et al. (SegNet, 2017) and all who report eleven classes."""
