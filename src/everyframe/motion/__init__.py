"""How things move, in px/s, whatever measured it."""

from everyframe.motion.codec import CodecMotion
from everyframe.motion.field import Field, Motion, MotionSettings
from everyframe.motion.flow import FlowMotion
from everyframe.motion.masks import Polygon, parse_mask, read_masks
from everyframe.motion.opening import open_motion

__all__ = [
    "CodecMotion",
    "Field",
    "FlowMotion",
    "Motion",
    "MotionSettings",
    "Polygon",
    "open_motion",
    "parse_mask",
    "read_masks",
]
