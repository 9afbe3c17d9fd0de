"""A person makes a reel of two moments in a real browser: chosen, moved, trimmed, watched, made."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from tests.highlights.films import shown, write_film
from tests.server.whole import Served, chromium, sign_in

from everyframe.archive import index
from everyframe.store import Store

pytestmark = pytest.mark.xdist_group("browser")
PATIENCE = 60_000.0  # milliseconds


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """Return a server with two moments of a match."""
    film = write_film(tmp_path / "match.mp4", 100, sound="aac", flashes=[2.0])
    rows = ["match,2026-03-02,0.4,1.2,smash,Ada", "match,2026-03-01,2,2.8,drop,Bo"]
    feed = tmp_path / "feed.csv"
    feed.write_text("\n".join(["video,date,start,end,label,player", *rows, ""]), encoding="utf-8")
    with Store(tmp_path / "data") as store:
        index([film, feed], store=store)
    server = Served(tmp_path, "")
    yield server
    server.end()


@pytest.fixture
def page() -> Iterator[Page]:
    with chromium() as browser:
        found = browser.new_page(viewport={"width": 1280, "height": 900})
        found.set_default_timeout(PATIENCE)
        yield found


def test_a_reel_is_made_by_clicking(served: Served, page: Page, tmp_path: Path) -> None:
    expect.set_options(timeout=PATIENCE)
    failures: list[str] = []
    page.on("pageerror", lambda error: failures.append(str(error)))
    sign_in(page, served)
    page.get_by_role("link", name="Reels").click()

    # Two moments are chosen; what was chosen is still there when the page is loaded again.
    page.get_by_role("button", name=re.compile("^Add smash")).click()
    page.get_by_role("button", name=re.compile("^Add drop")).click()
    expect(page.get_by_text("2 cuts, 0:01.6")).to_be_visible()
    page.reload()
    cuts = page.locator(".cuts li b")
    expect(cuts).to_have_text(["smash", "drop"])

    # The second is dragged to the front, and the other one moved by key and back.
    handle = page.get_by_role("button", name="Move drop")
    first = page.locator(".cuts li").first.bounding_box()
    assert first is not None
    handle.hover()
    page.mouse.down()
    page.mouse.move(first["x"] + 20, first["y"] + 30, steps=5)
    page.mouse.move(first["x"] + 20, first["y"] + 2, steps=3)
    page.mouse.up()
    expect(cuts).to_have_text(["drop", "smash"])
    page.get_by_role("button", name="Move drop").press("ArrowDown")
    expect(cuts).to_have_text(["smash", "drop"])
    page.get_by_role("button", name="Move drop").press("ArrowUp")
    expect(cuts).to_have_text(["drop", "smash"])

    # It is trimmed by number, and by the player.
    end = page.get_by_label("End of smash, seconds")
    end.fill("0.2")
    end.press("Tab")
    page.get_by_role("button", name="Make the reel").click()
    expect(page.get_by_text("Cut 2, smash, ends before it begins; trim it.")).to_be_visible()
    end.fill("0.8")
    end.press("Tab")
    page.get_by_role("button", name="Play drop").click()
    page.wait_for_function("document.querySelector('.film video').readyState >= 3")
    page.evaluate("v => { v = document.querySelector('.film video'); v.pause(); v.currentTime = 2.4; }")
    page.wait_for_function("!document.querySelector('.film video').seeking")
    page.get_by_role("button", name="drop: end here where the player is").click()
    expect(page.get_by_label("End of drop, seconds")).to_have_value("2.4")
    expect(page.get_by_text("2 cuts, 0:00.8")).to_be_visible()

    # The preview plays cut after cut from the footage, before anything is made.
    page.evaluate(_WATCH)
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_text("2 of 2: smash")).to_be_visible()
    expect(page.get_by_role("button", name="Preview")).to_be_visible()  # it is over
    seen = page.evaluate("window.seen")
    assert [name for name, _ in seen] == ["#t=2,2.4", "#t=0.4,0.8"]
    for (_, times), (low, high) in zip(seen, ((2.0, 2.4), (0.4, 0.8)), strict=True):
        assert low - 0.1 <= min(times)
        assert max(times) <= high + 0.5, "it goes on soon after its end"

    # The film is made, and taken home.
    page.get_by_label("Title").fill("Ada & <b>Bo</b>")
    page.get_by_role("button", name="Make the reel").click()
    expect(page.get_by_role("heading", name="Ada & <b>Bo</b>")).to_be_visible()
    with page.expect_download() as coming:
        page.get_by_role("link", name="MP4").click()
    assert coming.value.suggested_filename == "Ada - -b-Bo--b-.mp4"
    coming.value.save_as(tmp_path / "home.mp4")
    assert [number for _, number in shown(tmp_path / "home.mp4")] == [*range(50, 60), *range(10, 20)]
    with page.expect_download() as coming:
        page.get_by_role("link", name="EDL").click()
    assert "FROM CLIP NAME:  drop" in coming.value.path().read_text()

    # And the browser plays it: picture and sound, as long as it should be.
    at = page.get_by_role("link", name="MP4").get_attribute("href")
    page.set_content(f'<video id="v" muted autoplay src="{served.address}{at}"></video>')
    page.wait_for_function("v.ended || v.error")
    assert page.evaluate("v.error && v.error.message") is None
    assert page.evaluate("v.readyState >= 2 && v.webkitAudioDecodedByteCount > 0")
    assert page.evaluate("v.duration") == pytest.approx(0.8, abs=0.06)
    assert failures == []


_WATCH = """() => {
    window.seen = [];
    const video = document.querySelector('.film video');
    video.addEventListener('timeupdate', () => {
        const name = new URL(video.src).hash, last = window.seen.at(-1);
        if (video.seeking || video.paused || !video.currentTime) return; // it is not there yet
        if (last && last[0] === name) last[1].push(video.currentTime);
        else window.seen.push([name, [video.currentTime]]);
    });
}"""
"""Notes which part of the footage plays, and when."""
