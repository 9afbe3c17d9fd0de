"""A person's way through the whole of it, in a real browser: from the first start to an approved request."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from tests.actions.outside import Receiver, wait_until
from tests.server.whole import Served, chromium, sign_in

from everyframe.sources.scene import ParkScene
from everyframe.store import Store
from everyframe.watching import learn

pytestmark = pytest.mark.xdist_group("browser")  # it waits for a cyclist most of the time
PATIENCE = 60_000.0  # milliseconds


@pytest.fixture
def served(tmp_path: Path, receiver: Receiver) -> Iterator[Served]:
    """Return a server on its first start, that knows the park of the camera ``gate`` already."""
    baselines = tmp_path / "data" / "baselines"
    baselines.mkdir(parents=True)
    learn(ParkScene(seed=3, duration=180.0, size=(240, 136), fps=5)).save(baselines / "gate.baseline")
    settings = f"""
        [destination.siren]
        kind = "webhook"
        url = "{receiver.url}"
        allow = ["127.0.0.1"]
        hears = []
        """
    server = Served(tmp_path, settings)
    yield server
    server.end()


@pytest.fixture
def browser() -> Iterator[Page]:
    with chromium() as found:
        page = found.new_page(viewport={"width": 1280, "height": 900})
        page.set_default_timeout(PATIENCE)
        yield page


def test_from_the_first_start_to_an_approved_request(
    served: Served, browser: Page, receiver: Receiver, tmp_path: Path
) -> None:
    page = browser
    expect.set_options(timeout=PATIENCE)
    failures: list[str] = []
    page.on("pageerror", lambda error: failures.append(str(error)))
    # The door: the password of the first start, and then one's own.
    sign_in(page, served)

    # The wizard: an address that cannot be read says why, another one is watched.
    expect(page.get_by_role("heading", name="Try the drawn park")).to_be_visible()
    page.get_by_label("Name").fill("gate")
    page.get_by_label("Address").fill("rtsp://127.0.0.1:9/nothing")
    page.get_by_role("button", name="Look and add").click()
    expect(page.get_by_text("127.0.0.1:9").last).to_be_visible()
    page.get_by_label("Address").fill("synthetic:park?seed=6&script=cyclist&fps=10&size=240x136")
    page.get_by_role("button", name="Look and add").click()
    expect(page.get_by_role("heading", name="gate")).to_be_visible()

    # A rule, as a dry run, before anything happens.
    page.get_by_role("link", name="Actions").click()
    page.get_by_label("Name").fill("cyclist at the gate")
    page.get_by_label("Seconds until it may ask again").fill("0")
    page.get_by_role("button", name="Make it, as a dry run").click()
    expect(page.get_by_text("When there was an alert in the last 10 s, ask siren.")).to_be_visible()

    # The alert arrives by itself, wherever one is, and leads to its clip.
    word = page.get_by_role("status").get_by_role("link", name=re.compile("^gate moves .* times faster"))
    expect(word).to_be_visible()
    word.click()
    expect(page.get_by_role("heading", name=re.compile("moves .* times faster"))).to_be_visible()
    # The rule says what it would have done.
    page.get_by_role("link", name="Actions").click()
    expect(page.get_by_text("dry-run").first).to_be_visible()
    assert receiver.posts == []

    # A verdict is given by a key, and taken back.
    page.get_by_role("link", name="Review").click()
    expect(page.locator("video")).to_be_visible()
    page.keyboard.press("f")
    with Store(tmp_path / "data") as store:
        wait_until(lambda: [one.kind.value for one in store.verdicts()] == ["false"])
        page.keyboard.press("u")
        wait_until(lambda: store.verdicts() == [])
    expect(page.get_by_role("heading", name=re.compile("moves .* times faster"))).to_be_visible()

    # The rule may ask a person now; it asks, the person approves, and the siren hears of it once.
    page.get_by_role("link", name="Actions").click()
    page.get_by_label("What it may do").click()
    page.get_by_text("ask a person first").click()
    page.get_by_role("button", name="Approve").click()
    wait_until(lambda: len(receiver.posts) == 1, 30.0)
    assert receiver.told()["text"] == "approved by admin"
    expect(page.get_by_text("approved by admin")).to_be_visible()

    # On a phone nothing hangs over the edge.
    page.set_viewport_size({"width": 390, "height": 844})
    for room in (
        "/",
        "/review",
        "/timeline",
        "/find",
        "/reels",
        "/normal",
        "/cameras",
        "/actions",
        "/system",
    ):
        page.goto(served.address + room)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 390, f"{room} is {wide} px wide"
    assert failures == []
