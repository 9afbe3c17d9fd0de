"""Units and parameter sets of H.264, as real encoders write them."""

from __future__ import annotations

from fractions import Fraction

import av
import pytest
from av.codec.context import Flags
from hypothesis import given
from hypothesis import strategies as st

from everyframe.highlights.reel import h264


def encoder_header(options: dict[str, str]) -> bytes:
    context = av.CodecContext.create("libx264", "w")
    context.width, context.height, context.pix_fmt = 64, 48, "yuv420p"
    context.time_base, context.framerate = Fraction(1, 25), Fraction(25)
    context.flags |= Flags.global_header
    context.options = options
    context.open()
    assert context.extradata
    return context.extradata


@pytest.mark.parametrize("number", [0, 1, 7, 31])
def test_the_numbers_of_parameter_sets(number: int) -> None:
    found = h264.header(encoder_header({"x264-params": f"sps-id={number}"}))
    assert found is not None
    assert found.numbers == {number}
    assert found.length == 0


def test_a_header_with_the_sets_of_two_encoders() -> None:
    one = h264.header(encoder_header({}))
    other = h264.header(encoder_header({"x264-params": "sps-id=5"}))
    assert one is not None
    assert other is not None
    both = h264.header(h264.boxed([one, other]))
    assert both is not None
    assert both.sps == one.sps + other.sps
    assert both.pps == one.pps + other.pps
    assert both.numbers == {0, 5}
    assert both.length == 4
    assert not both.same(one)
    assert h264.header(h264.boxed([one, one])).same(one)  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "data", [None, b"", b"\x01", b"\x01d\x00\r\xff\xe1\x00\x18gd", b"no header", b"\x00" * 40]
)
def test_what_is_no_header(data: bytes | None) -> None:
    assert h264.header(data) is None


@given(st.binary(max_size=60))
def test_no_bytes_are_a_surprise(data: bytes) -> None:
    h264.header(data)
    list(h264.units(data, 4))
    list(h264.units(data, 0))


unit = st.binary(min_size=1, max_size=20).map(
    lambda data: bytes((0x41,)) + data.replace(b"\x00", b"\x03") + b"\x80"
)


@given(st.lists(unit, min_size=1, max_size=5))
def test_units_come_back_from_either_form(told: list[bytes]) -> None:
    started = b"".join(b"\x00\x00\x00\x01" + one for one in told)
    assert list(h264.units(started, 0)) == told
    assert list(h264.units(h264.packed(started, 0), 4)) == told
