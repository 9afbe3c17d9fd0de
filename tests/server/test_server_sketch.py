"""Masks and zones are drawn on the real page, in a real browser: by mouse, by finger and by key."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.actions.outside import Receiver
from tests.server.whole import Served, chromium, sign_in, wait_for

pytestmark = pytest.mark.xdist_group("sketch")
PATIENCE = 60_000.0  # milliseconds
PARK = "synthetic:park?seed=6&fps=5&size=240x136"


@pytest.fixture
def served(tmp_path: Path, receiver: Receiver) -> Iterator[Served]:
    """Return a server with a camera in its file and a siren for rules."""
    settings = f"""
        [cameras.fixed]
        source = "{PARK}"
        masks = [[[0, 0], [0.2, 0], [0.2, 0.2]]]
        [[zone]]
        camera = "fixed"
        name = "path"
        polygon = [[0.3, 0.3], [0.6, 0.3], [0.6, 0.6]]
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
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


class Visit:
    """An admin at the server, with a camera ``park`` that was added there."""

    def __init__(self, served: Served, page: Page) -> None:
        self.page, self.address = page, served.address
        sign_in(page, served)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        csrf = page.request.get(f"{self.address}/api/v1/session").json()["csrf"]
        answer = page.request.post(
            f"{self.address}/api/v1/cameras",
            data={"name": "park", "source": PARK, "learn_for": 10},
            headers={"X-CSRF-Token": csrf},
            timeout=PATIENCE,
        )
        assert answer.status == 201, answer.text()

    def told(self, path: str = "cameras/park") -> Any:
        return self.page.request.get(f"{self.address}/api/v1/{path}").json()

    def edit(self, camera: str = "park") -> None:
        self.page.goto(f"{self.address}/cameras")
        self.page.get_by_role("link", name=f"Edit {camera}").click()
        expect(self.page.get_by_role("heading", name=camera)).to_be_visible()
        expect(self.page.get_by_role("application", name="The picture")).to_be_visible()

    def draw(self, *corners: tuple[float, float], touch: bool = False) -> None:
        """Click or tap corners, and the first one again."""
        stage = self.page.locator(".stage")
        for x, y in (*corners, corners[0]):
            box = stage.bounding_box()
            assert box is not None
            at = (box["x"] + x * box["width"], box["y"] + y * box["height"])
            if touch:
                self.page.touchscreen.tap(*at)
            else:
                self.page.mouse.click(*at)


def entered(browser: Browser, served: Served, failures: list[str], **how: Any) -> Visit:
    page = browser.new_context(**how).new_page()
    page.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    page.on("pageerror", lambda error: failures.append(str(error)))
    return Visit(served, page)


def test_a_mask_and_a_zone_are_drawn_and_kept(served: Served, browser: Browser) -> None:
    failures: list[str] = []
    visit = entered(browser, served, failures, viewport={"width": 1280, "height": 900})
    page, saved = visit.page, visit.page.get_by_text("Saved.")
    visit.edit()

    # With the mouse: a mask and a zone, which gets a name.
    page.get_by_role("button", name="Draw a mask").click()
    visit.draw((0.1, 0.1), (0.4, 0.1), (0.4, 0.3), (0.1, 0.3))
    page.get_by_role("button", name="Draw a zone").click()
    visit.draw((0.5, 0.5), (0.9, 0.5), (0.9, 0.9))
    page.get_by_label("Name of the zone").fill("front door")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("use letters, digits, _ and -")).to_be_visible()
    page.get_by_label("Name of the zone").fill("door")
    expect(page.get_by_role("button", name="Remove door")).to_be_visible()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(saved).to_be_visible()
    (mask,) = visit.told()["masks"]
    assert [pytest.approx(corner, abs=0.01) for corner in mask] == [
        [0.1, 0.1],
        [0.4, 0.1],
        [0.4, 0.3],
        [0.1, 0.3],
    ]
    (zone,) = visit.told("cameras/park/zones")
    assert (zone["name"], len(zone["zone"]["polygon"])) == ("door", 3)

    # A corner is dragged; what the mask covers no more was never learned.
    page.reload()
    page.get_by_role("listitem", name="mask 1").focus()
    corner = page.get_by_role("button", name="corner 3 of mask 1", exact=True)
    at, stage = corner.bounding_box(), page.locator(".stage").bounding_box()
    assert at is not None
    assert stage is not None
    page.mouse.move(at["x"] + at["width"] / 2, at["y"] + at["height"] / 2)
    page.mouse.down()
    page.mouse.move(stage["x"] + 0.2 * stage["width"], stage["y"] + 0.2 * stage["height"], steps=4)
    page.mouse.up()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("was never learned")).to_be_visible()
    expect(page.get_by_role("button", name="Learn anew")).to_be_visible()
    assert visit.told()["masks"][0][2] == pytest.approx([0.2, 0.2], abs=0.01)

    # The zone can be used in a rule; it is removed only when no rule speaks of it.
    page.goto(f"{visit.address}/actions")
    page.get_by_label("Name").fill("crowd")
    page.get_by_label("When").click()
    page.get_by_text("count in door (park)").click()
    page.get_by_role("button", name="Make it, as a dry run").click()
    expect(page.get_by_text("When count in door is above 1")).to_be_visible()
    visit.edit()
    page.get_by_role("listitem", name="door").focus()
    page.keyboard.press("Delete")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("The rule crowd speaks of the zone door")).to_be_visible()
    assert len(visit.told("cameras/park/zones")) == 1
    assert failures == []


def test_a_finger_and_the_keyboard_draw_too_and_the_file_stays_as_it_is(
    served: Served, browser: Browser
) -> None:
    failures: list[str] = []
    phone = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "color_scheme": "dark"}
    visit = entered(browser, served, failures, **phone)
    page = visit.page
    visit.edit()
    page.get_by_role("button", name="Draw a mask").tap()
    visit.draw((0.2, 0.2), (0.6, 0.2), (0.6, 0.6), touch=True)
    expect(page.get_by_role("listitem", name="mask 1")).to_be_visible()

    # By key alone: a zone from the middle, a corner moved, the mask removed.
    page.get_by_role("button", name="Draw a zone").focus()
    page.keyboard.press("Enter")
    for key in ("Enter", "Shift+ArrowRight", "Enter", "Shift+ArrowDown", "Enter"):
        page.keyboard.press(key)
    page.get_by_role("button", name="Close it").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="corner 1 of zone-1", exact=True).focus()
    page.keyboard.press("Shift+ArrowLeft")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_role("listitem", name="mask 1").focus()
    page.keyboard.press("Delete")
    page.get_by_role("button", name="Save", exact=True).tap()
    expect(page.get_by_text("Saved.")).to_be_visible()
    (zone,) = visit.told("cameras/park/zones")
    assert (zone["name"], zone["zone"]["polygon"]) == ("zone-1", [[0.45, 0.5], [0.6, 0.5], [0.6, 0.6]])
    assert visit.told()["masks"] == []

    # Budget and times are kept; what is no hours says so.
    page.get_by_label("Alerts you can live with").fill("1/hour")
    page.get_by_label("Hours").fill("at night")
    page.get_by_role("button", name="Save these").tap()
    expect(page.get_by_text("at night are no hours")).to_be_visible()
    page.get_by_label("Hours").fill("22:00-06:00")
    page.get_by_role("checkbox", name="Sun").tap()
    page.get_by_role("button", name="Save these").tap()
    wait_for(lambda: visit.told()["budget"] == "1/hour")
    schedule = {"days": ["mon", "tue", "wed", "thu", "fri", "sat"], "hours": ["22:00-06:00"], "zone": None}
    assert visit.told()["schedule"] == schedule

    # What stands in the file is shown, and cannot be changed here.
    visit.edit("fixed")
    assert page.get_by_text("kept in the settings file").count() >= 3  # mask, zone, budget
    expect(page.get_by_role("button", name="Draw a mask")).to_have_count(0)
    expect(page.get_by_role("button", name="Remove", exact=False)).to_have_count(0)
    page.get_by_role("button", name="Draw a zone").tap()
    visit.draw((0.1, 0.6), (0.3, 0.6), (0.3, 0.9), touch=True)
    page.get_by_role("button", name="Save", exact=True).tap()
    expect(page.get_by_text("Saved.")).to_be_visible()
    assert [one["name"] for one in visit.told("cameras/fixed/zones")] == ["path", "zone-1"]
    assert failures == []


def test_what_the_picture_suggests_is_taken_or_left(served: Served, browser: Browser) -> None:
    failures: list[str] = []
    visit = entered(browser, served, failures, viewport={"width": 1280, "height": 900})
    page = visit.page
    visit.edit()
    # What a network sees is no matter of the page: the API has tests of its own.
    path = {"name": "path", "polygon": [[0.1, 0.9], [0.5, 0.3], [0.6, 0.9]], "share": 0.2}
    lawn = {"name": "path", "polygon": [[0.7, 0.5], [0.9, 0.5], [0.9, 0.9]], "share": 0.1}
    sky = {"name": "sky", "polygon": [[0, 0], [1, 0], [1, 0.1], [0, 0.1]], "share": 0.1}
    page.route("**/proposal", lambda route: route.fulfill(json={"zones": [path, lawn], "masks": [sky]}))
    page.get_by_role("button", name="Propose from the picture").click()
    expect(page.get_by_text("take what fits, leave the rest")).to_be_visible()
    expect(page.get_by_role("button", name="Save", exact=True)).to_be_disabled()
    page.get_by_role("button", name="Take path", exact=True).click()
    page.get_by_role("button", name="Take sky").click()
    page.get_by_role("button", name="Leave path-2").click()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    assert visit.told()["masks"] == [sky["polygon"]]
    (zone,) = visit.told("cameras/park/zones")
    assert (zone["name"], zone["zone"]["polygon"]) == ("path", path["polygon"])

    # What is not taken is not kept; where there is nothing, it says so.
    page.get_by_role("button", name="Propose from the picture").click()
    expect(page.get_by_role("button", name="Take path-2")).to_be_visible()
    page.unroute("**/proposal")
    page.route("**/proposal", lambda route: route.fulfill(json={"zones": [], "masks": []}))
    page.get_by_role("button", name="Propose from the picture").click()
    expect(page.get_by_text("Nothing more to propose")).to_be_visible()
    expect(page.get_by_role("button", name="Take path-2")).to_have_count(0)
    page.unroute("**/proposal")
    answer = {"detail": "The camera does not answer; try again."}
    page.route("**/proposal", lambda route: route.fulfill(status=422, json=answer))
    page.get_by_role("button", name="Propose from the picture").click()
    expect(page.get_by_text("The camera does not answer; try again.")).to_be_visible()
    assert len(visit.told("cameras/park/zones")) == 1
    assert failures == []
