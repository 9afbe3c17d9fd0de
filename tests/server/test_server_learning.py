"""The whole life of an event in a real browser, by keyboard: index, label, teach, spot, find."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from tests.server.lessons import FPS, KINDS, write_lessons
from tests.server.whole import Served, chromium, sign_in

pytestmark = pytest.mark.xdist_group("learning")
PATIENCE = 120_000.0  # milliseconds


def press(page: Page, key: str, times: int = 1) -> None:
    for _ in range(times):
        page.keyboard.press(key)


def step(page: Page, frames: int) -> None:
    """Go so many frames on, by seconds and by frames, and wait until that one is shown."""
    told = page.locator("output.at")
    here = int(told.inner_text().rsplit(" ", 1)[1])
    press(page, "Shift+ArrowRight", frames // FPS)
    press(page, "ArrowRight", frames % FPS)
    expect(told).to_contain_text(f"frame {here + frames}")


def test_what_is_labelled_by_keyboard_is_taught_spotted_and_found(tmp_path: Path) -> None:
    films = tmp_path / "films"
    told = write_lessons(films / "lessons.mp4", [*KINDS] * 5)
    write_lessons(films / "match.mp4", ["waving", "across"], first=60)
    served = Served(tmp_path, f'footage = "{films}"\n')
    failures: list[str] = []
    try:
        with chromium() as browser:
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            page.set_default_timeout(PATIENCE)
            expect.set_options(timeout=PATIENCE)
            page.on("pageerror", lambda error: failures.append(str(error)))
            sign_in(page, served)
            index(page, served)
            label(page, served, told)
            teach(page, served)
            find(page, served)
            on_a_phone(page, served)
    finally:
        served.end()
    assert failures == []


def index(page: Page, served: Served) -> None:
    page.goto(f"{served.address}/footage")
    place = page.get_by_label("File or folder")
    place.fill("/etc")
    place.press("Enter")
    expect(page.get_by_text("/etc is outside the folder of footage")).to_be_visible()
    place.fill(".")
    place.press("Enter")
    expect(page.get_by_text("2 files, 2 new")).to_be_visible()
    expect(page.get_by_role("heading", name="match")).to_be_visible()


def label(page: Page, served: Served, told: list[tuple[float, float, str]]) -> None:
    page.get_by_role("link", name="Label lessons").press("Enter")
    page.wait_for_function("document.querySelector('footage-labels video')?.readyState >= 2")
    expect(page.locator("output.at")).to_contain_text("frame 0")
    items, said = page.locator(".labels li"), page.get_by_role("status")
    frame = 0
    for number, (start, end, kind) in enumerate(told):
        step(page, round(start * FPS) - frame)
        press(page, "i")
        step(page, round((end - start) * FPS) - 1)
        frame = round(end * FPS) - 1
        press(page, "o")
        if number < 2:
            page.keyboard.type(kind)
            press(page, "Enter")
        else:  # a name that is known has a number
            press(page, "Escape")
            press(page, str(list(KINDS).index(kind) + 1))
        expect(items).to_have_count(number + 1)
    # One is changed, one deleted; both are undone.
    press(page, "k")
    press(page, "n")
    page.keyboard.type("jump")
    press(page, "Enter")
    expect(items.get_by_text("jump")).to_be_visible()
    press(page, "k")
    press(page, "Delete")
    expect(items).to_have_count(9)
    press(page, "u", 2)
    expect(items.get_by_text("jump")).to_have_count(0)
    expect(items).to_have_count(10)
    expect(said.get_by_text("Saved")).to_be_visible()
    footage = page.url.rsplit("=", 1)[1]
    kept = page.request.get(f"{served.address}/api/v1/footage/{footage}/labels").json()["labels"]
    assert [(one["start"], one["end"], one["label"]) for one in kept] == [
        (pytest.approx(start), pytest.approx(end), kind) for start, end, kind in told
    ]
    with page.expect_download() as table:
        page.get_by_role("link", name="Export CSV").click()
    lines = Path(table.value.path()).read_text().splitlines()
    assert lines[:2] == ["file,start,end,label", "lessons.mp4,0.000,1.600,across"]


def teach(page: Page, served: Served) -> None:
    page.get_by_role("link", name="Teach", exact=True).press("Enter")
    page.get_by_label("Name of the library").fill("moves")
    page.get_by_label("Epochs of a network beside it").fill("0")
    page.get_by_role("checkbox", name="waving (5)").press("Space")
    page.get_by_role("button", name="Teach it").press("Enter")
    expect(page.get_by_text("Choose a second class")).to_be_visible()
    page.get_by_role("checkbox", name="waving (5)").press("Space")
    page.get_by_role("button", name="Teach it").press("Enter")
    expect(page.get_by_text("moves knows across, waving.")).to_be_visible()
    page.get_by_role("button", name="Run moves over the footage").press("Enter")
    expect(page.get_by_text("moments in 2 files.")).to_be_visible()


def find(page: Page, served: Served) -> None:
    page.goto(f"{served.address}/footage")
    match = page.get_by_role("listitem").filter(has=page.get_by_role("heading", name="match"))
    match.get_by_role("link", name="waving").press("Enter")
    expect(page.get_by_role("listitem").filter(has_text="match").first).to_contain_text("waving")


def on_a_phone(page: Page, served: Served) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    for path in ("footage", "label", "label?footage=1", "teach"):
        page.goto(f"{served.address}/{path}")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        page.wait_for_timeout(200)
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 390, f"{path} is {wide} pixels wide"
