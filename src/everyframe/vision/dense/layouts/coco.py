"""COCO: the shapes of objects in one file for all pictures, painted into masks."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from everyframe.errors import DatasetError
from everyframe.vision.dense.classes import VOID, Classes, named
from everyframe.vision.dense.layouts.dataset import Pair
from everyframe.vision.dense.layouts.found import Found
from everyframe.vision.dense.layouts.shapes import fill
from everyframe.vision.pictures import picture_size

BACKGROUND = "background"
"""The class of what no object covers."""

_SPLITS = {"train": "train", "trainval": "train", "val": "val", "valid": "val", "test": "test"}
_SPLIT = re.compile(rf"(?<![a-z])({'|'.join(_SPLITS)})(?![a-z])")
_OTHER = (
    "captions",
    "person_keypoints",
    "panoptic",
    "image_info",
)  # files of COCO that have no objects' shapes


@dataclass(frozen=True, slots=True)
class _Objects:
    """What a file says of a picture: size; of each object category, shape, area and whether it is a crowd."""

    height: int
    width: int
    objects: list[tuple[int, Any, float, bool]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class CocoMasks:
    """Paints masks from shapes; large objects first, so that small ones stay seen; a crowd is void.

    Attributes:
        pictures: What is on each picture.
        numbers: Class of each category; ``VOID`` for what counts for nothing.
        ground: Class of what no object covers.
    """

    pictures: Mapping[Path, _Objects] = field(repr=False)
    numbers: Mapping[int, int]
    ground: int

    def read(self, pair: Pair) -> NDArray[np.uint8]:
        """Return the classes of a picture, ``(H, W)``.

        Raises:
            DatasetError: A shape cannot be filled, or the picture has another size than the file says.
        """
        told = self.pictures[pair.picture]
        height, width = picture_size(pair.picture)
        if (height, width) != (told.height, told.width):
            raise DatasetError(
                f"{pair.mask} says that {pair.picture.name} is {told.width} x {told.height}, but it is "
                f"{width} x {height}; put the picture there that was outlined"
            )
        mask = np.full((told.height, told.width), self.ground, np.uint8)
        # A crowd lies below all: what is outlined by itself in it counts.
        for category, shape, _, crowd in sorted(told.objects, key=lambda each: (not each[3], -each[2])):
            try:
                covered = fill(shape, told.height, told.width)
            except (ValueError, TypeError, OverflowError) as error:
                raise DatasetError(
                    f"{pair.mask}: {error}, on {pair.picture.name}; mend or remove that annotation"
                ) from error
            mask[covered] = VOID if crowd else self.numbers[category]
        return mask

    def renumbered(self, order: Sequence[int]) -> CocoMasks:
        """Return the same for classes in another order: the new number of each class."""
        new = {**dict(enumerate(order)), VOID: VOID}
        numbers = {category: new[number] for category, number in self.numbers.items()}
        return CocoMasks(self.pictures, numbers, new[self.ground])


def coco_files(folder: Path) -> dict[str, list[Path]]:
    """Return the files of annotations by split; under ``all`` those whose name tells none."""
    there = sorted((folder / "annotations").glob("*.json"))
    there = [path for path in there if not path.name.startswith(_OTHER)]
    there = [path for path in there if path.name.startswith("instances")] or there
    there += sorted(folder.glob("*/_annotations.coco.json")) + sorted(folder.glob("*annotations*.json"))
    found: dict[str, list[Path]] = {}
    for path in there:
        told = path.parent.name if path.name.startswith("_") else path.stem
        word = _SPLIT.search(told.lower())
        found.setdefault(_SPLITS[word[1]] if word else "all", []).append(path)
    return found


def find_coco(folder: Path, wanted: Classes | None) -> tuple[Found, Classes, CocoMasks]:
    """Read the annotations of a data set.

    Args:
        folder: Where ``annotations/instances_train….json`` lies, or one file of annotations for all pictures.
        wanted: The classes where a file beside the data says them: the categories of these names. Others are
            background, or void where ``background`` is not among them; so is what no object covers.

    Raises:
        DatasetError: A file is not of this form, refers to what it does not have, or a picture is missing.
    """
    files = coco_files(folder)
    if not files:
        raise DatasetError(f"{folder} has no annotations/*.json of COCO; put it there")
    pictures: dict[Path, _Objects] = {}
    categories: dict[int, str] = {}
    splits: dict[str, tuple[Pair, ...]] = {}
    for split, paths in files.items():
        pairs: list[Pair] = []
        for path in paths:
            content = _load(path)
            _add_categories(categories, content["categories"], path)
            objects = _by_picture(content, path, categories)
            places = _places(folder, path, split)
            for name, told in objects.items():
                picture = _locate(name, places, path)
                if picture in pictures:
                    raise DatasetError(f"{path} has {name}, which another list has too; keep one")
                pictures[picture] = told
                pairs.append(Pair(picture, path))
        splits[split] = tuple(pairs)
    classes, numbers, ground = _classes(categories, wanted)
    train = splits.get("train", ()) + splits.get("all", ())
    found = Found(train, splits.get("val", ()), splits.get("test", ()))
    return found, classes, CocoMasks(pictures, numbers, ground)


def _load(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise DatasetError(f"{path} is damaged or no JSON ({error}); fetch it anew") from error
    parts = ("images", "annotations", "categories")
    if not isinstance(content, dict) or not all(isinstance(content.get(part), list) for part in parts):
        raise DatasetError(f"{path} has no lists images, annotations and categories; name COCO's instances")
    return content


def _add_categories(known: dict[int, str], told: list[Any], path: Path) -> None:
    for each in told:
        try:
            number, name = each["id"], str(each["name"])
            before = known.setdefault(number, name)
        except (KeyError, TypeError) as error:
            raise DatasetError(f"{path} has a category without id and name; mend it") from error
        if before != name:
            raise DatasetError(f"{path}: category {number} is both {before} and {name}; keep one")


def _by_picture(content: dict[str, Any], path: Path, categories: Mapping[int, str]) -> dict[str, _Objects]:
    """Return what is on each picture, by the name of its file."""
    names: dict[Any, str] = {}
    found: dict[str, _Objects] = {}
    try:
        for image in content["images"]:
            name = str(image["file_name"])
            if image["id"] in names or name in found:
                raise DatasetError(f"{path} has the picture {name} (id {image['id']}) twice; keep one")
            names[image["id"]] = name
            found[name] = _Objects(int(image["height"]), int(image["width"]))
        for each in content["annotations"]:
            if each["image_id"] not in names:
                raise DatasetError(
                    f"{path} has an object on picture {each['image_id']}, which it does not list"
                )
            if each["category_id"] not in categories:
                raise DatasetError(
                    f"{path} has an object of category {each['category_id']}, which it does not list"
                )
            shape = each.get("segmentation")
            if shape:  # a box alone says nothing of pixels
                found[names[each["image_id"]]].objects.append(
                    (each["category_id"], shape, _area(each, shape), bool(each.get("iscrowd")))
                )
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        why = f"lacks {error}" if isinstance(error, KeyError) else f"cannot be read ({error})"
        raise DatasetError(f"{path}: an image or annotation {why}; mend or remove it") from error
    if not found:
        raise DatasetError(f"{path} lists no pictures; name a file that does")
    return found


def _area(each: Mapping[str, Any], shape: Any) -> float:
    """Return how large an object is: as the file says, else of its box, else of its polygons' extent."""
    if "area" in each:
        return float(each["area"])
    if "bbox" in each:
        return float(each["bbox"][2] * each["bbox"][3])
    if isinstance(shape, list):
        points = np.concatenate([np.asarray(polygon, np.float64).reshape(-1, 2) for polygon in shape])
        return float(np.prod(np.ptp(points, axis=0)))
    return float(fill(shape, *shape["size"]).sum())


def _places(folder: Path, path: Path, split: str) -> list[Path]:
    """Return where the pictures of a file of annotations may lie."""
    named = path.stem.removeprefix("instances_")
    inner = [folder / "images" / named, folder / named, folder / "images" / split, folder / split]
    return [place for place in (*inner, folder / "images", path.parent, folder) if place.is_dir()]


def _locate(name: str, places: list[Path], path: Path) -> Path:
    with suppress(OSError):  # a name longer than any file's
        for place in places:
            if (place / name).is_file():
                return place / name
    raise DatasetError(f"{path} names the picture {name}, which is not in {places[0]}; put it there")


def _classes(categories: Mapping[int, str], wanted: Classes | None) -> tuple[Classes, dict[int, int], int]:
    """Return the classes, the class of each category, and that of what no object covers."""
    if wanted is None:
        others = dict.fromkeys(categories[number] for number in sorted(categories))
        others.pop(BACKGROUND, None)
        wanted = named((BACKGROUND, *others))
    elif missing := set(wanted.names) - set(categories.values()) - {BACKGROUND}:
        raise DatasetError(
            f"the classes name {min(missing)!r}, but the annotations have only "
            f"{', '.join(sorted(set(categories.values())))}"
        )
    ground = wanted.names.index(BACKGROUND) if BACKGROUND in wanted.names else VOID
    numbers = {
        number: wanted.names.index(name) if name in wanted.names else ground
        for number, name in categories.items()
    }
    return wanted, numbers, ground
