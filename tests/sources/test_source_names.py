from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from everyframe.sources.names import masked, scheme_of


@pytest.mark.parametrize(
    ("spec", "shown"),
    [
        ("rtsp://user:secret@host/stream", "rtsp://user:***@host/stream"),
        ("rtsp://user:s@cr@t@host:554/a", "rtsp://user:***@host:554/a"),
        ("rtsp://user:se/cr?et@host/a", "rtsp://user:***@host/a"),
        ("rtsp://:secret@host/a", "rtsp://:***@host/a"),
        ("http://host/a?user=me&password=secret&x=1", "http://host/a?user=me&password=***&x=1"),
        ("http://host/a?access_token=secret", "http://host/a?access_token=***"),
        ("http://host:8080/a?x=1", "http://host:8080/a?x=1"),
        ("/films/user:secret@home.mp4", "/films/user:secret@home.mp4"),
    ],
)
def test_secrets_are_masked(spec: str, shown: str) -> None:
    assert masked(spec) == shown


_WORDS = st.text("abcXYZ019@:/?#&=._-", min_size=1, max_size=20)


@given(password=_WORDS.map(lambda word: f"S3CR3T{word}S3CR3T"), path=st.text("abc/", max_size=8))
def test_no_password_survives_whatever_is_in_it(password: str, path: str) -> None:
    assert "S3CR3T" not in masked(f"rtsp://user:{password}@camera:554/{path}")


@pytest.mark.parametrize(
    ("spec", "scheme"),
    [
        ("rtsp://h/", "rtsp"),
        ("HTTP://h/", "http"),
        ("synthetic:park?seed=1", "synthetic"),
        ("a/b.mp4", ""),
        ("C:/films/a.mp4", ""),
        ("/dev/video0", ""),
        ("", ""),
    ],
)
def test_the_scheme(spec: str, scheme: str) -> None:
    assert scheme_of(spec) == scheme
