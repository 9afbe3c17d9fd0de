"""Teaching: from labelled segments to a library."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from everyframe._version import __version__
from everyframe.errors import LabelError, SettingError
from everyframe.highlights.calibrating import Calibrated, calibrated
from everyframe.highlights.clips import MOST, Steps, steps_of
from everyframe.highlights.library import FEWEST, NOTHING, Library
from everyframe.highlights.looking import STEP
from everyframe.highlights.nothing import MOST as MOST_NOTHING
from everyframe.highlights.nothing import TRIES, nothing_in, seen_nothing
from everyframe.highlights.segments import Segment
from everyframe.highlights.spotting.windows import lengths_of
from everyframe.vision.backbones import Eyes
from everyframe.vision.design import Design
from everyframe.vision.needing import need_torch
from everyframe.vision.pooled import Likeness

if TYPE_CHECKING:
    from everyframe.vision.training import Learned

_LEAST = 8  # examples of nothing, however few events there are


def teach(
    segments: Sequence[Segment],
    *,
    nothing: Sequence[str | os.PathLike[str]] = (),
    design: Design | None = None,
    backbone: str | Eyes | None = None,
    weights: str | os.PathLike[str] | None = None,
    mirror: bool = True,
    epochs: int = 0,
    seed: int = 0,
    seeing: Callable[[int, int], None] | None = None,
    progress: Callable[[Learned], None] | None = None,
    stop: Callable[[], bool] | None = None,
    checkpoint: Path | None = None,
) -> Library:
    """Learn events from labelled segments.

    Args:
        segments: Five or more of each class, of two classes at least. What lies between two of one source
            is taken for an example of nothing; those labelled ``nothing`` are, too.
        nothing: Other footage in which nothing of that happens.
        design: Which streams, how they are joined, and what remembers.
        backbone: A published network that looks, too, such as ``resnet18`` or ``timm/resnet18``, or one
            that is ready; it joins only where examples that were left out are told better with it.
        weights: Its weights in a file; by default what is published.
        mirror: Whether left and right mean the same; not where a forehand and a backhand are told apart.
        epochs: Times that a network sees every example, 24 or so; 0 trains none and needs no PyTorch.
            What it earns on a few hundred clips is in the results: little.
        seed: Of everything that is left to chance; the same gives the same library.
        seeing: Called with how many segments are seen, and how many there are.
        progress: Called after every epoch.
        stop: Asked after every epoch whether to end with what is learned.
        checkpoint: Where the state is kept after every epoch, to go on from later.

    Raises:
        SettingError: PyTorch is not installed, or there is no such backbone.
        WeightsError: The backbone's weights are missing, damaged, or of another network.
        LabelError: A class has too few examples, or a segment shows nothing.
        SourceError: Footage cannot be read.
    """
    if epochs:
        need_torch()
    check_counts(segments)
    eyes = _ready(backbone, weights)
    see = partial(eyes.views, mirror=mirror) if eyes is not None else None
    events = [one for one in segments if one.label != NOTHING]
    wanted = min(MOST_NOTHING, max(len(events), _LEAST))
    places = nothing_in(events, nothing, most=TRIES * wanted)
    total = len(segments) + (wanted if places else 0)
    tell = seeing or (lambda *_: None)
    seen, kept = [], list(segments)
    for segment in segments:
        seen.append(steps_of(segment, see))
        tell(len(seen), total)
    lengths = _lengths(seen, [one.label for one in segments])
    for place, steps in seen_nothing(places, lengths, wanted, see):
        seen.append(steps)
        kept.append(place)
        tell(len(seen), total)
    if len(seen) < total:
        tell(total, total)
    if sum(one.label == NOTHING for one in kept) < FEWEST:  # too few to know it by
        seen, kept = seen[: len(segments)], kept[: len(segments)]
    return learn(
        seen,
        [segment.label for segment in kept],
        groups=[segment.about.get("group") or segment.source for segment in kept],
        design=design,
        eyes=eyes,
        mirror=mirror,
        epochs=epochs,
        seed=seed,
        progress=progress,
        stop=stop,
        checkpoint=checkpoint,
    )


def _ready(backbone: str | Eyes | None, weights: str | os.PathLike[str] | None) -> Eyes | None:
    if backbone is None and weights is not None:
        raise SettingError("weights are those of a backbone: name it, too")
    if not isinstance(backbone, str):
        return backbone
    need_torch()
    from everyframe.vision.backbones.making import prepare

    return prepare(backbone, Path(weights) if weights is not None else None)


def add_classes(library: Library, segments: Sequence[Segment]) -> None:
    """Add the classes of labelled segments to a library; what the classes in it say stays as it is.

    Args:
        library: To add to; it changes in place.
        segments: Five or more of each new class.

    Raises:
        SettingError: A class is known already.
        WeightsError: The library's backbone is not on this machine.
        LabelError: A class has too few examples, or a segment shows nothing.
        SourceError: Footage cannot be read.
    """
    check_counts(segments, least=1)
    see = library.see
    for label in dict.fromkeys(segment.label for segment in segments):
        library.add(label, [steps_of(segment, see) for segment in segments if segment.label == label])


def recognise(library: Library, segment: Segment) -> dict[str, float]:
    """Return how probable each class is in a segment, the most probable first.

    Args:
        library: What was taught.
        segment: Where to look; its label means nothing here.

    Raises:
        SourceError: Its footage cannot be read.
        LabelError: There is nothing to see in it.
        WeightsError: The library's backbone is not on this machine.
    """
    told = library.probabilities(steps_of(segment, library.see))
    return {library.classes[i]: float(told[i]) for i in np.argsort(-told)}


def check_counts(segments: Sequence[Segment], fewest: int = FEWEST, least: int = 2) -> None:
    """Make sure that there is enough to learn from.

    Raises:
        LabelError: There is not.
    """
    counts: dict[str, int] = {}
    for segment in segments:
        counts[segment.label] = counts.get(segment.label, 0) + 1
    for label, count in counts.items():
        if count < fewest:
            raise LabelError(
                f"{label} has {count} example{'s' * (count != 1)}; label {fewest} of each class at least"
            )
    if len(counts) < least:
        raise LabelError(
            f"everything is labelled {next(iter(counts), 'nothing')}: label a second class to tell it from"
        )


def learn(
    seen: Sequence[Sequence[Steps]],
    labels: Sequence[str],
    *,
    groups: Sequence[str] | None = None,
    design: Design | None = None,
    eyes: Eyes | None = None,
    mirror: bool = True,
    epochs: int = 0,
    seed: int = 0,
    progress: Callable[[Learned], None] | None = None,
    stop: Callable[[], bool] | None = None,
    checkpoint: Path | None = None,
) -> Library:
    """Do the same from windows of steps that are there already.

    Args:
        seen: The windows of each example.
        labels: Its class.
        groups: What each comes from: a match, a person. How sure the library may be is measured by leaving
            out what comes from one place together. By default each example is its own.
        design: See ``teach``.
        eyes: The published network that the windows were seen with, where there is one.
        mirror: See ``teach``.
        epochs: See ``teach``.
        seed: See ``teach``.
        progress: See ``teach``.
        stop: See ``teach``.
        checkpoint: See ``teach``.
    """
    design = design or Design()
    classes = sorted(set(labels))
    numbers = np.array([classes.index(label) for label in labels], np.int64)
    library = Library(
        classes=classes,
        design=design,
        mirror=mirror,
        model=b"",
        scale=1.0,
        directions=[],
        likeness=Likeness.blank(),
        offsets=np.zeros(len(classes), np.float32),
        known=[],
        labels=numbers,
        about={
            "made": f"{datetime.now(UTC):%Y-%m-%d}",
            "version": __version__,
            "examples": len(labels),
            "epochs": epochs,
            "seed": seed,
        },
    )
    if epochs:
        _train(library, seen, epochs, seed, progress, stop, checkpoint)
    _read(library, seen, groups or [str(number) for number in range(len(labels))], eyes)
    library.lengths = _lengths(seen, labels)
    return library


def _lengths(seen: Sequence[Sequence[Steps]], labels: Sequence[str]) -> list[int]:
    """Return the steps of the windows in which events like these are looked for."""
    lasting: dict[str, list[float]] = {}
    for one, label in zip(seen, labels, strict=True):
        if label != NOTHING:
            lasting.setdefault(label, []).append(STEP * sum(map(len, one)))
    return lengths_of(lasting, MOST)


def _read(
    library: Library, seen: Sequence[Sequence[Steps]], groups: Sequence[str], eyes: Eyes | None
) -> None:
    """Teach the reading by likeness, with further networks where examples it has not seen say so.

    They are the one that ships, and a published one where it was asked for: none, either, or both.
    """
    views = 2 if library.mirror else 1
    nothing = library.classes.index(NOTHING) if NOTHING in library.classes else None
    own = len(library.widths)
    library.drawn = True
    shipped = len(library.widths) - own
    if eyes is not None:
        library.look_with(eyes)
    library.known, rows = library.remember(seen)
    every = np.array(library.widths)
    part = np.array([0] * own + [1] * shipped + [2] * (len(every) - own - shipped))
    best: tuple[Calibrated, set[int]] | None = None
    for some in ({0}, {0, 1}, *([{0, 2}, {0, 1, 2}] if eyes is not None else [])):
        told = rows[:, np.repeat(np.isin(part, list(some)), every)].reshape(views, len(seen), -1)
        sure = calibrated(told, library.labels, groups, every[np.isin(part, list(some))].tolist(), nothing)
        if best is None or sure.surprise < best[0].surprise:
            best = sure, some
    assert best is not None
    sure, some = best
    library.drawn = 1 in some
    if 2 not in some:
        library.look_with(None)
    chosen = np.repeat(np.isin(part, list(some)), every)
    library.likeness = Likeness.fit(rows[:, chosen], np.tile(library.labels, views), library.widths, nothing)
    library.sharpness, library.bar = sure.sharpness, sure.bar
    library.about["accuracy"] = None if sure.accuracy is None else round(sure.accuracy, 4)


def _train(
    library: Library,
    seen: Sequence[Sequence[Steps]],
    epochs: int,
    seed: int,
    progress: Callable[[Learned], None] | None,
    stop: Callable[[], bool] | None,
    checkpoint: Path | None,
) -> None:
    """Train a network and put it into a library."""
    need_torch()
    from everyframe.vision.changing import Change
    from everyframe.vision.export import to_onnx
    from everyframe.vision.training import Schedule, train

    flat = [
        (dict(one.maps), int(number))
        for many, number in zip(seen, library.labels, strict=True)
        for one in many
    ]
    network = train(
        [maps for maps, _ in flat],
        [number for _, number in flat],
        library.design,
        Schedule(epochs=epochs, seed=seed),
        Change(mirror=library.mirror),
        progress=progress,
        stop=stop,
        checkpoint=checkpoint,
    )
    library.model = to_onnx(network)
    library.scale = float(network.scale.detach())
    library.directions = [network.directions[name].detach().numpy().copy() for name in network.heads]
