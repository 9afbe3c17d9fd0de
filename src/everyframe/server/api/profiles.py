"""Profiles: what somebody wants to see of the archive, and the feed that comes of it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, HTTPException, Path

from everyframe.archive import feed as choose
from everyframe.server.api.archive_forms import (
    FeedbackForm,
    FeedMoment,
    FeedPage,
    ProfileForm,
    ProfileName,
    ProfileOut,
    ReasonOut,
)
from everyframe.server.api.forms import Key
from everyframe.server.api.moments import known as known_moment
from everyframe.server.api.moments import told
from everyframe.server.guard import Reviewer, TheHouse, Viewer
from everyframe.server.house import House
from everyframe.store.archive.profiles import Profile, Profiles

router = APIRouter(prefix="/profiles", tags=["profiles"])

Name = Annotated[ProfileName, Path(description="The profile's name; case and accents do not matter")]
Number = Annotated[Key, Path(description="The moment's number")]


@router.get("")
def every(house: TheHouse, visitor: Viewer) -> list[ProfileOut]:  # noqa: ARG001
    """Return all profiles, by name."""
    return [_told(one) for one in Profiles(house.store).all()]


@router.get("/{name}")
def one(name: Name, house: TheHouse, visitor: Viewer) -> ProfileOut:  # noqa: ARG001
    """Return one profile."""
    return _told(_known(house, name))


@router.put("/{name}")
def put(name: Name, form: ProfileForm, house: TheHouse, visitor: Reviewer) -> ProfileOut:  # noqa: ARG001
    """Make a profile, or say anew what it follows; what was watched and skipped stays."""
    players, teams, kinds = (tuple(one) for one in (form.players, form.teams, form.kinds))
    Profiles(house.store).put(Profile(" ".join(name.split()), players, teams, kinds, form.seconds))
    return _told(_known(house, name))


@router.delete("/{name}", status_code=204)
def remove(name: Name, house: TheHouse, visitor: Reviewer) -> None:  # noqa: ARG001
    """Forget a profile, and what was watched and skipped."""
    if not Profiles(house.store).remove(name):
        raise _none(name)


@router.get("/{name}/feed")
def feed(name: Name, house: TheHouse, visitor: Viewer) -> FeedPage:  # noqa: ARG001
    """Return what its owner may want to see next, in order, and why; hints where there is nothing."""
    _known(house, name)
    found = choose(name, store=house.store)
    moments = [
        FeedMoment(
            **told(one.moment).model_dump(),
            score=one.score,
            reasons=[ReasonOut(text=reason.text, points=reason.points) for reason in one.reasons],
        )
        for one in found.shown
    ]
    return FeedPage(profile=_told(found.profile), moments=moments, hints=found.hints)


@router.put("/{name}/feedback/{number}", status_code=204)
def give(
    name: Name,
    number: Number,
    form: FeedbackForm,
    house: TheHouse,
    visitor: Reviewer,  # noqa: ARG001
) -> None:
    """Say that a moment was watched or skipped; what was said of it before counts no more."""
    _known(house, name)
    known_moment(house, number)
    Profiles(house.store).give(name, number, form.kind)


@router.delete("/{name}/feedback/{number}", status_code=204)
def undo(name: Name, number: Number, house: TheHouse, visitor: Reviewer) -> None:  # noqa: ARG001
    """Take back what was said of a moment: all is as if it had never been."""
    _known(house, name)
    if not Profiles(house.store).undo(name, number):
        raise HTTPException(404, f"Nothing was said of moment {number}; look at the feed.")


def _known(house: House, name: str) -> Profile:
    found = Profiles(house.store).get(name)
    if found is None:
        raise _none(name)
    return found


def _none(name: str) -> HTTPException:
    return HTTPException(404, f"There is no profile {name}; look at the list of profiles.")


def _told(one: Profile) -> ProfileOut:
    return ProfileOut(
        name=one.name,
        players=list(one.players),
        teams=list(one.teams),
        kinds=list(one.kinds),
        seconds=one.seconds,
    )
