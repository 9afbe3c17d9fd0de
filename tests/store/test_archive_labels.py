"""Labels and the shelf of footage, in either database."""

from __future__ import annotations

from everyframe.highlights import Segment
from everyframe.store import Store
from everyframe.store.archive import Keeper, Wanted, find
from everyframe.store.archive.labels import Labels
from everyframe.store.archive.shelf import footage, shelf, take_away


def film(store: Store, name: str) -> None:
    told = {"digest": name, "name": name, "path": f"/films/{name}.mp4", "seconds": 60.0, "about": {}}
    Keeper(store).know({**told, "size": 1, "changed_ns": 1, "fps": 25.0, "date": "2026-03-02"})


def test_labels_are_kept_listed_and_gone_with_their_footage(kept_in: str) -> None:
    with Store(kept_in) as store:
        for name in ("final", "Semi", "warm-up"):
            film(store, name)
        feed = [Segment(1.0, 2.0, "lob", source="final"), Segment(1.0, 2.0, "lob", source="Semi")]
        keeper = Keeper(store)
        telling = keeper.begin("feed.csv", "digest")
        keeper.keep(telling, feed, "feed", rows=2)
        keeper.finish(telling)
        final, semi = (one.footage.id for one in shelf(store)[0][:2])

        labels = Labels(store)
        said = [Segment(3.0, 4.0, "smash", about={"player": "Ada", "date": "2026-03-05"})]
        kept = labels.put(final, [*said, Segment(5.0, 6.0, "smash")], "ada", edition=0)
        assert [dict(one.about) for one in kept.segments] == [
            {"labelled_by": "ada", "player": "Ada", "date": "2026-03-05"},
            {"labelled_by": "ada"},
        ]
        one = footage(store, final)
        assert one is not None
        assert (dict(one.moments), one.by_people) == ({"smash": 2, "lob": 1}, 2)
        found, more = shelf(store, text="M", limit=1)
        assert ([each.footage.name for each in found], more) == (["Semi"], True)

        assert take_away(store, final)
        assert footage(store, final) is None
        assert [each.footage for each in find(store, Wanted(newest=True))] == ["Semi"]
        assert keeper.begin("feed.csv", "digest").rows == 0, "it is read again"
        assert labels.of(final).segments == ()
        assert labels.put(semi, [Segment(3.0, 4.0, "drop")], "bo").segments
