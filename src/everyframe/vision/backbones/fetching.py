"""Getting published weights: from the cache, or over the network with their checksum held against them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from pathlib import Path

import httpx

from everyframe.errors import WeightsError
from everyframe.files import storage_error, sweep, writing
from everyframe.vision.backbones.published import Published

_PATIENCE = httpx.Timeout(30.0, connect=10.0)
_WHOLE = re.compile(r"[0-9a-f]{64}")
_SAID = "x-linked-etag"  # in which the hub of timm's weights says their SHA-256


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal.

    Raises:
        WeightsError: It cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise WeightsError(f"{path} cannot be read: {error.strerror}") from error


def fetch(wanted: Published, folder: Path, told: Callable[[str], object] = lambda _: None) -> Path:
    """Return published weights as a file of a folder, downloaded unless they are there.

    Args:
        wanted: Which.
        folder: Where they are kept; it is made where it is missing.
        told: Called with a line before anything is downloaded.

    Raises:
        WeightsError: They are damaged, or not here and cannot be downloaded.
        StorageError: The folder does not take them.
    """
    place = folder / wanted.file
    if place.exists():
        found = sha256_of(place)
        if not found.startswith(wanted.checksum):
            raise WeightsError(
                f"{place} is damaged or another file: its SHA-256 begins with {found[:8]}, not"
                f" {wanted.checksum[:8]}; delete it, and it is downloaded again from {wanted.url}"
            )
        return place
    told(f"downloading {wanted.file} from {wanted.url}")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise storage_error(error, folder) from error
    sweep(folder)
    try:
        _download(wanted, place)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        why = " ".join(str(error).split()) or type(error).__name__
        raise WeightsError(
            f"the weights of {wanted.name} are not here and cannot be downloaded ({why}): put {wanted.file}"
            f" ({wanted.known_by}) from {wanted.url} into {folder}"
        ) from error
    return place


def _download(wanted: Published, place: Path) -> None:
    digest = hashlib.sha256()
    with httpx.stream("GET", wanted.url, follow_redirects=True, timeout=_PATIENCE) as answer:
        if answer.status_code != httpx.codes.OK:
            raise httpx.HTTPError(f"the server answers {answer.status_code} {answer.reason_phrase}")
        checksum = wanted.checksum or _said([*answer.history, answer])
        with writing(place) as temporary:
            with temporary.open("wb") as file:
                for piece in answer.iter_bytes():
                    digest.update(piece)
                    file.write(piece)
            found = digest.hexdigest()
            if not found.startswith(checksum):
                raise WeightsError(
                    f"what {wanted.url} sent is not {wanted.file}: its SHA-256 begins with {found[:8]}, not"
                    f" {checksum[:8]}; nothing of it was kept, try again later"
                )


def _said(answers: list[httpx.Response]) -> str:
    """Return the checksum that a server says itself, or nothing."""
    for answer in answers:
        found = _WHOLE.fullmatch(answer.headers.get(_SAID, "").strip('"'))
        if found:
            return found.group()
    return ""
