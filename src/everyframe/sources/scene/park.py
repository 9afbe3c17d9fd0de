"""The park scene as a source: frames, gaps, and the truth about them."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, partial

import cv2
import numpy as np
from numpy.typing import NDArray

from everyframe.errors import SettingError
from everyframe.sources.gaps import mark_gaps
from everyframe.sources.scene.backdrop import LIGHT_OF_SHADOW, Backdrop, backdrop_of
from everyframe.sources.scene.camera import Camera
from everyframe.sources.scene.cast import Member, Stage, crowd, frames_in_view
from everyframe.sources.scene.painter import Bytes, Outline, Sprite, figure, lay, outlines, shadow
from everyframe.sources.scene.script import Scripted, Span, plot
from everyframe.sources.scene.weather import Weather
from everyframe.types import RGB, Box, Frame, Gap, StreamInfo

_LONGEST = 6 * 3600.0  # seconds; everybody's way is laid out beforehand, and that takes memory
_KNOCK = (0.082, 0.068)  # how far a knock moves the view, as shares of width and height


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody (or something) in one frame.

    Attributes:
        kind: ``walker``, or the kind of anomaly.
        box: Around its visible pixels, without its shadow.
        visible: Share of its silhouette that neither the border nor anything in front hides, in (0, 1].
        speed: Metres per second over the ground.
        anomalous: Whether it is an anomaly in this frame.
        member: Its number in the scene's cast.
    """

    kind: str
    box: Box
    visible: float
    speed: float
    anomalous: bool
    member: int


class ParkScene:
    """A park path seen by a fixed camera: a source whose truth is known.

    People walk along the path in both directions and **keep to the right**; nobody runs, rides, stands
    about or leaves the path, except as scripted (``everyframe.sources.scene.script``). Every frame is a
    function of the arguments and its number alone.

    Args:
        seed: Makes one day differ from the next; the park stays the same.
        duration: Seconds, or ``None`` for as long as the script takes.
        fps: Frames per second, 1 to 60.
        size: ``(width, height)`` in pixels, 96x54 to 1920x1080, wider than high.
        script: ``normal``, ``anomalies``, ``faults``, ``all``, or kinds separated by commas.
        start_utc: POSIX seconds of time 0, if it shall have a clock.

    Raises:
        SettingError: An argument is out of its range, or the script does not fit into the duration.
    """

    def __init__(
        self,
        seed: int = 0,
        duration: float | None = None,
        fps: float | Fraction = 10,
        size: tuple[int, int] = (480, 270),
        script: str = "normal",
        start_utc: float | None = None,
    ) -> None:
        width, height = size
        if seed < 0:
            raise SettingError(f"seed={seed} is negative; use 0 or more.")
        if not 1 <= fps <= 60:
            raise SettingError(f"fps={float(fps):g} is out of range; use 1 to 60.")
        if not (96 <= width <= 1920 and 54 <= height <= 1080 and 1 <= width / height <= 2.4):
            raise SettingError(
                f"size={width}x{height} is out of range; use 96x54 to 1920x1080, at least as wide as high."
            )
        if duration is not None and not 0 < duration <= _LONGEST:
            raise SettingError(f"A scene of {duration / 60:g} minutes is out of range; use up to 360.")
        self._fps = Fraction(fps).limit_denominator(1001)
        self._camera = Camera.of_size(width, height)
        self._knocked = self._camera.moved(_KNOCK[0] * width, -_KNOCK[1] * height)
        self._seed = seed
        stage = Stage(self._camera, float(self._fps))
        rng = np.random.default_rng([seed, 1])
        self._plot = plot(stage, rng, script, duration)
        seconds = self._plot.frames / float(self._fps)
        people = crowd(stage, np.random.default_rng([seed, 2]), seconds, self._plot.members)
        reach = max(_KNOCK) * width if any(f.kind == "moved" for f in self._plot.faults) else 0.0
        seen = [(m, frames_in_view(self._camera, m.rig, m.track, reach)) for m in self._plot.members + people]
        self._cast: list[Member] = [m for m, frames in seen if frames is not None]
        self._firsts = np.array([frames[0] for _, frames in seen if frames is not None], int)
        self._lasts = np.array([frames[1] for _, frames in seen if frames is not None], int)
        self._start_utc = start_utc
        self.info = StreamInfo(
            name=f"synthetic:park?seed={seed}&script={script}",
            width=width,
            height=height,
            fps=self._fps,
            frames=self._plot.frames,
            duration=seconds,
            start_utc=start_utc,
        )

    # -- the source -------------------------------------------------------------------------------------

    def __iter__(self) -> Iterator[Frame | Gap]:
        every = (self.frame(i) for i in range(self._plot.frames) if self._fault(i) != "dropout")
        return mark_gaps(every, fps=float(self._fps))

    def between(self, start: float, end: float) -> Iterator[Frame]:
        """Yield the frames with ``start <= time <= end`` (seconds), independent of any other iteration."""
        first = max(0, int(np.floor(start * self._fps)))
        for index in range(first, min(self._plot.frames, int(np.ceil(end * self._fps)) + 1)):
            if start <= self.time(index) <= end and self._fault(index) not in (
                "dropout",
                "stutter",
                "freeze",
            ):
                yield self.frame(index)

    def close(self) -> None:
        """Do nothing: a scene holds no files or threads."""

    def without(self, member: int) -> ParkScene:
        """Return the same scene in which one of the cast stays away; everything else is as it was."""
        other = copy.copy(self)
        other._lasts = self._lasts.copy()
        other._lasts[member] = self._firsts[member] - 1
        return other

    def time(self, index: int) -> float:
        """Return a frame's presentation time in seconds."""
        return float(index / self._fps)

    def frame(self, index: int) -> Frame:
        """Draw one frame, also one that a drop-out would lose.

        Raises:
            IndexError: There is no such frame.
        """
        if not 0 <= index < self._plot.frames:
            raise IndexError(f"the scene has frames 0 to {self._plot.frames - 1}, not {index}")
        time = self.time(index)
        shown = self._shown(index)
        return Frame(
            index,
            time,
            self._draw(shown, colour=False),
            utc=None if self._start_utc is None else self._start_utc + time,
            to_rgb=partial(self._rgb, shown),
        )

    # -- the truth --------------------------------------------------------------------------------------

    @cached_property
    def truth(self) -> list[Scripted]:
        """Everything scripted, in order of time, exact to the frame."""
        spans = [self._seen(span) for span in self._plot.spans] + self._plot.faults
        ordered = sorted(spans, key=lambda s: s.first)
        return [Scripted(s.kind, self.time(s.first), self.time(s.last)) for s in ordered]

    def truth_at(self, index: int) -> list[Actor]:
        """Return everybody with a visible pixel in a frame, nearest last."""
        index = self._shown(index)
        owners, totals = self._owners(index)
        actors = []
        for member, total in totals:
            rows, columns = np.nonzero(owners == member)
            if not len(rows):
                continue
            body = self._cast[member]
            x, y = int(columns.min()), int(rows.min())
            box = Box(x, y, int(columns.max()) - x + 1, int(rows.max()) - y + 1)
            speed = float(body.track.speed[index - body.track.first])
            odd = body.is_odd(index)
            kind = body.kind if odd else "walker"
            actors.append(Actor(kind, box, min(1.0, len(rows) / total), speed, odd, member))
        return actors

    def masks(self, index: int) -> NDArray[np.bool_]:
        """Return ``(H, W)``, true where a pixel shows an anomaly."""
        index = self._shown(index)
        owners, totals = self._owners(index)
        odd = [member for member, _ in totals if self._cast[member].is_odd(index)]
        return np.isin(owners, odd)

    def _seen(self, span: Span) -> Span:
        first, last = span.first, span.last
        while first < last and not self.masks(first).any():
            first += 1
        while last > first and not self.masks(last).any():
            last -= 1
        return Span(span.kind, first, last)

    def _owners(self, index: int) -> tuple[NDArray[np.int32], list[tuple[int, int]]]:
        """Return who each pixel shows ``(H, W)``, -1 for nobody, and each one's silhouette in pixels."""
        camera, backdrop = self._view(index)
        owners = np.full((camera.height, camera.width), -1, np.int32)
        totals = []
        bodies = self._bodies(index, camera)
        for member, sprite in self._sprites(index, camera, backdrop, bodies):
            solid = sprite.pixels[..., 3] > 127
            h, w = solid.shape
            owners[sprite.y : sprite.y + h, sprite.x : sprite.x + w][solid] = member
            if member >= 0:
                (body,) = outlines(camera, [(self._cast[member].rig, self._cast[member].pose(index))])
                whole = figure(camera, body, clip=False)
                assert whole is not None
                totals.append((member, max(1, int(np.count_nonzero(whole.pixels[..., 3] > 127)))))
        return owners, totals

    # -- drawing ----------------------------------------------------------------------------------------

    def _fault(self, index: int) -> str:
        for fault in self._plot.faults:
            if fault.first <= index <= fault.last:
                return fault.kind
        return ""

    def _shown(self, index: int) -> int:
        """Return the frame whose picture is shown: an earlier one while the camera repeats itself."""
        for fault in self._plot.faults:
            if fault.kind in ("stutter", "freeze") and fault.first <= index <= fault.last:
                return fault.first - 1
        return index

    @cached_property
    def _weather(self) -> Weather:
        return Weather(self._camera, self._seed)

    def _view(self, index: int) -> tuple[Camera, Backdrop]:
        camera = self._knocked if self._fault(index) == "moved" else self._camera
        return camera, backdrop_of(camera)

    def _present(self, index: int) -> list[int]:
        return [int(m) for m in np.flatnonzero((self._firsts <= index) & (index <= self._lasts))]

    def _bodies(self, index: int, camera: Camera) -> list[tuple[int, Outline]]:
        present = self._present(index)
        members = [self._cast[member] for member in present]
        return list(zip(present, outlines(camera, [(m.rig, m.pose(index)) for m in members]), strict=True))

    def _sprites(
        self, index: int, camera: Camera, backdrop: Backdrop, bodies: list[tuple[int, Outline]]
    ) -> Iterator[tuple[int, Sprite]]:
        """Yield everything that moves, farthest first, as (member or -1, sprite)."""
        time = self.time(index)
        wind = self._weather.wind(time)
        things = [(-1, crown.at(time, wind)) for crown in backdrop.crowns]
        for member, body in bodies:
            sprite = figure(camera, body)
            if sprite is not None:
                h, w = sprite.pixels.shape[:2]
                part = backdrop.depth[sprite.y : sprite.y + h, sprite.x : sprite.x + w]
                if part.min() < sprite.depth:
                    sprite.pixels[part < sprite.depth] = 0
                things.append((member, sprite))
        yield from sorted(things, key=lambda thing: -thing[1].depth)

    def _draw(self, index: int, colour: bool) -> Bytes:
        """Draw a picture: ``(H, W)`` luma, or ``(H, W, 3)`` YUV with the very same luma."""
        camera, backdrop = self._view(index)
        picture = (backdrop.yuv if colour else backdrop.luma).copy()
        luma = picture[..., 0] if colour else picture
        bodies = self._bodies(index, camera)
        for _, body in bodies:
            dark = shadow(camera, body)
            if dark is not None:
                x, y, strength = dark
                part = luma[y : y + strength.shape[0], x : x + strength.shape[1]]
                bare = backdrop.depth[y : y + strength.shape[0], x : x + strength.shape[1]] == np.inf
                gain = 255 - (strength * (1 - LIGHT_OF_SHADOW) * bare).astype(np.uint8)
                part[...] = cv2.multiply(part, gain, scale=1 / 255)
        for _, sprite in self._sprites(index, camera, backdrop, bodies):
            lay(picture, sprite)
        return self._expose(picture, index)

    def _expose(self, picture: Bytes, index: int) -> Bytes:
        """Apply the light, the sensor's noise, and what a fault does to the picture."""
        light = self._weather.light(index, self.time(index))
        fault = self._fault(index)
        if fault == "light":
            light = light * np.float32(0.5)
        noise = self._weather.noise(index)
        luma = cv2.extractChannel(picture, 0) if picture.ndim == 3 else picture
        lit = cv2.multiply(luma, light, dtype=cv2.CV_32F)
        cover = self._cover(index) if fault == "covered" else 0.0
        if cover:
            blur = cv2.GaussianBlur(lit, (0, 0), self._camera.width / 16)
            lit = cv2.addWeighted(lit, 1 - cover, blur, 0.14 * cover, 0.0)
        bright = cv2.add(lit, noise, dtype=cv2.CV_8U).astype(np.uint8, copy=False)
        if picture.ndim == 2:
            return bright
        pale = light * np.float32(1 - cover)
        grey = (np.float32(1) - pale) * np.float32(128)  # colour fades to grey in the dark
        planes = []
        for channel in (1, 2):
            tinted = cv2.multiply(cv2.extractChannel(picture, channel), pale, dtype=cv2.CV_32F)
            planes.append(cv2.add(tinted, grey, dtype=cv2.CV_8U))
        return cv2.merge([bright, *planes]).astype(np.uint8, copy=False)

    def _cover(self, index: int) -> float:
        """Return how far the camera is covered, 0 to 1: a cloth takes half a second to settle."""
        for fault in self._plot.faults:
            if fault.kind == "covered" and fault.first <= index <= fault.last:
                return min(1.0, (index - fault.first + 1) / (0.5 * float(self._fps)))
        return 0.0

    def _rgb(self, index: int) -> RGB:
        return cv2.cvtColor(self._draw(index, colour=True), cv2.COLOR_YUV2RGB).astype(np.uint8, copy=False)
