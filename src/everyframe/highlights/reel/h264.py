"""As much of H.264 as joining pieces of it needs: units, parameter sets, and the form that MP4 wants.

A stream's pictures refer to parameter sets by number. A film may hold pictures of two encoders if the numbers
of their parameter sets differ and both are in its header (ISO/IEC 14496-15, avcC).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

IDR, SPS, PPS = 5, 7, 8
"""Kinds of units: a picture at which everything starts anew, and the two parameter sets."""
_DELIMITER, _FILLER = 9, 12
_START_CODE = re.compile(rb"\x00\x00\x01")
_LENGTH = 4  # bytes before each unit in what we write


@dataclass(frozen=True, slots=True)
class Header:
    """The parameter sets of a stream.

    Attributes:
        sps: Sequence parameter sets, as units.
        pps: Picture parameter sets, likewise.
        length: Bytes that tell a unit's length in its packets; 0 where start codes part the units.
    """

    sps: tuple[bytes, ...]
    pps: tuple[bytes, ...]
    length: int

    @property
    def numbers(self) -> set[int]:
        """The numbers that its parameter sets go by."""
        return {_number(unit, 4) for unit in self.sps} | {_number(unit, 1) for unit in self.pps}

    def same(self, other: Header) -> bool:
        """Say whether another stream's pictures can refer to these sets."""
        return set(self.sps) == set(other.sps) and set(self.pps) == set(other.pps)


def header(extradata: bytes | None) -> Header | None:
    """Read a stream's header, in either form; ``None`` where it is not one, or has no parameter sets."""
    if not extradata:
        return None
    try:
        found = _boxed(extradata) if extradata[0] == 1 else _started(extradata)
    except IndexError:
        return None
    return found if found.sps and found.pps and all(len(unit) >= 4 for unit in found.sps) else None


def boxed(sets: Iterable[Header]) -> bytes:
    """Return the header (avcC) of a film whose pictures refer to all of these; the first leads."""
    sps = list(dict.fromkeys(unit for one in sets for unit in one.sps))
    pps = list(dict.fromkeys(unit for one in sets for unit in one.pps))
    profile, compatibility, level = sps[0][1], sps[0][2], max(unit[3] for unit in sps)
    parts = [bytes((1, profile, compatibility, level, 0xFC | (_LENGTH - 1), 0xE0 | len(sps)))]
    parts += [len(unit).to_bytes(2, "big") + unit for unit in sps]
    parts += [bytes((len(pps),))]
    parts += [len(unit).to_bytes(2, "big") + unit for unit in pps]
    if profile in (100, 110, 122, 144):
        parts += [bytes((0xFC | 1, 0xF8, 0xF8, 0))]  # 4:2:0, eight bits, no extensions
    return b"".join(parts)


def units(data: bytes, length: int) -> Iterator[bytes]:
    """Yield the units of a packet.

    Args:
        data: The packet.
        length: As ``Header.length``.
    """
    if not length:
        yield from _parted(data)
        return
    at = 0
    while at + length <= len(data):
        size = int.from_bytes(data[at : at + length], "big")
        unit = data[at + length : at + length + size]
        if unit:
            yield unit
        at += length + size


def packed(data: bytes, length: int) -> bytes:
    """Return a packet as the film has it: without what its header says, each unit after its length."""
    kept = (unit for unit in units(data, length) if kind(unit) not in (SPS, PPS, _DELIMITER, _FILLER))
    return b"".join(len(unit).to_bytes(_LENGTH, "big") + unit for unit in kept)


def restarts(data: bytes, known: Header) -> bool:
    """Say whether a decoder can begin at a packet with what the header says."""
    found = False
    for unit in units(data, known.length):
        if kind(unit) == SPS and unit not in known.sps:
            return False
        if kind(unit) == PPS and unit not in known.pps:
            return False
        found = found or kind(unit) == IDR
    return found


def kind(unit: bytes) -> int:
    """Return what a unit is."""
    return unit[0] & 0x1F


def _boxed(data: bytes) -> Header:
    at = 6
    sps: list[bytes] = []
    pps: list[bytes] = []
    for _ in range(data[5] & 0x1F):
        at = _take(data, at, sps)
    count = data[at]
    at += 1
    for _ in range(count):
        at = _take(data, at, pps)
    return Header(tuple(sps), tuple(pps), (data[4] & 3) + 1)


def _take(data: bytes, at: int, into: list[bytes]) -> int:
    end = at + 2 + int.from_bytes(data[at : at + 2], "big")
    if end > len(data):
        raise IndexError
    into.append(data[at + 2 : end])
    return end


def _started(data: bytes) -> Header:
    found = list(_parted(data))
    sps = tuple(unit for unit in found if kind(unit) == SPS)
    return Header(sps, tuple(unit for unit in found if kind(unit) == PPS), 0)


def _parted(data: bytes) -> Iterator[bytes]:
    starts = [found.end() for found in _START_CODE.finditer(data)]
    for start, following in zip(starts, [*starts[1:], len(data) + 3], strict=False):
        unit = data[start : following - 3].rstrip(b"\x00")
        if unit:
            yield unit


def _number(unit: bytes, skip: int) -> int:
    """Return the Exp-Golomb number that comes after ``skip`` bytes."""
    bits = int.from_bytes(unit[skip : skip + 8].ljust(8, b"\x80"), "big")
    zeros = 64 - bits.bit_length()
    return (bits >> (64 - 2 * zeros - 1)) - 1 if zeros < 32 else -1
