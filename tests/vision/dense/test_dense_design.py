"""Names of networks, and what they are made of."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from everyframe.errors import SettingError
from everyframe.vision.dense.design import MODELS, Design, design


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("fcn32s", Design(finest=32)),
        ("fcn8s", Design(finest=8)),
        ("fcn4s", Design(finest=4)),
        ("atrous16s", Design(finest=16, output_stride=16, skips=False)),
        ("AtrousFCN_Resnet50_16s", Design("resnet50", 16, 16, skips=False)),
        ("FCN_Vgg16_8s", Design("vgg16", 8)),
    ],
)
def test_a_name_stands_for_a_design(name: str, made: Design) -> None:
    assert design(name) == made


@given(name=st.sampled_from(MODELS))
def test_a_design_tells_its_name(name: str) -> None:
    assert design(name).model == name


def test_without_skips_scores_are_as_fine_by_spread_convolutions() -> None:
    assert design("fcn16s", skips=False) == Design(finest=16, output_stride=16, skips=False)
    assert design("fcn32s", skips=False).output_stride == 32


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda: design("unet"), "there is no network 'unet'; choose one of fcn32s"),
        (lambda: design("FCN_Vgg16_8s", "resnet18"), "has the backbone vgg16, not resnet18: name one"),
        (lambda: Design(finest=7), "strides are 32, 16 or 8"),
        (lambda: Design(width=-1), "the width is -1"),
    ],
)
def test_what_is_no_network_is_refused(wrong: object, message: str) -> None:
    with pytest.raises(SettingError, match=message):
        wrong()  # type: ignore[operator]
