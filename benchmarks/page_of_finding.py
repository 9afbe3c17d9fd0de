"""What the page of results tells of finding: teaching, spotting, scoreboards, the archive, reels."""

from __future__ import annotations

from benchmarks.kept import Measurement
from benchmarks.tables import number, table

PARTS = ("network, frames", "network, flow", "network", "likeness", "all")


def _taught(kept: dict[str, Measurement]) -> list[str]:
    lines = [
        "## Teaching",
        "",
        "Accuracy when who or what a clip shows is left out of training, from pixels. *Likeness* is kernel"
        " ridge regression over fixed maps of edges and flow, with the network that learned from drawn people"
        " where examples not seen say that it helps; *network* is trained on the set alone; *all* is both.",
        "",
    ]
    told = {name: one for name, one in kept.items() if "accuracy" in one.found}
    rows = [
        [
            f"`{one.command}`",
            str(one.found["groups"]),
            *(number(one.found["accuracy"].get(part), 3) for part in PARTS),
        ]
        for one in told.values()
    ]
    lines += [*table(["command", "groups", *PARTS], rows), ""]
    added = [one for one in kept.values() if "new_f1" in one.found]
    if added:
        rows = [
            [
                f"`{one.command}`",
                number(one.found["new_f1"], 3),
                number(one.found["others_before"], 4),
                number(one.found["others_after"], 4),
            ]
            for one in added
        ]
        head = ["command", "F1 of a class added from five clips", "accuracy of the others before", "after"]
        lines += [*table(head, rows), ""]
    return lines


def _spotted(kept: dict[str, Measurement]) -> list[str]:
    found = next(iter(kept.values()))
    told = found.found
    rows = []
    for name, value in told.items():
        if isinstance(value, dict):
            rows += [[f"{name}: {part}", str(figure)] for part, figure in value.items()]
        else:
            rows.append([name, str(value)])
    lines = ["## Spotting", "", f"`{found.command}`. The film is assembled from clips not learned from:"]
    lines[-1] += " its cuts lie where events begin and end."
    return [*lines, "", *table(["what", "figure"], rows), ""]


def _scoreboard(kept: dict[str, Measurement]) -> list[str]:
    rows = [
        [
            style,
            number(told["score"], 3),
            number(told.get("clock"), 3),
            number(told["precision"], 2),
            number(told["recall"], 2),
            str(told["changes"]),
            number(told["reading / decoding"], 1),
        ]
        for one in kept.values()
        for style, told in one.found["styles"].items()
    ]
    commands = ", ".join(f"`{one.command}`" for one in kept.values())
    head = ["drawn board", "score right", "clock right", "precision", "recall", "changes", "times decoding"]
    told = f"{commands}. Share of the time with the right score and clock; changes of the score within 2 s."
    return ["## Scoreboards", "", told, "", *table(head, rows), ""]


def _archive(kept: dict[str, Measurement]) -> list[str]:
    rows = [
        [
            found["database"],
            f"{found[size]['moments']:,}",
            kind,
            number(told["median_ms"], 1),
            number(told["p99_ms"], 1),
            number(told["p99_own_ms"], 1),
        ]
        for found in (one.found for one in kept.values())
        for size in ("strokes", "million")
        for kind, told in found[size]["queries"].items()
    ]
    loads = ", ".join(f"{one.found['database']} {one.found['load_s']:g} s" for one in kept.values())
    busy = ", ".join(f"{one.found['load_average']:.1f}" for one in kept.values())
    lines = ["## Archive", ""]
    lines += [
        f"ShuttleSet indexed in {loads},"
        f" while about {busy} processes wanted to run on two cores. Milliseconds a search:",
        "",
    ]
    head = ["database", "moments", "searches", "median", "99 %", "99 %, of its thread alone"]
    return lines + table(head, rows)


def _reel(kept: dict[str, Measurement]) -> list[str]:
    exact = next(iter(kept.values())).found["exactness"]
    rows = [
        [
            name,
            f"{found['wrong_pictures']} of {found['pictures']}",
            f"{found['worst_offset_ms']:g} ms",
            f"{found['worst_chapter_ms']:g} ms",
            str(max(found[f"{kind}_error_frames"] for kind in ("edl", "fcpxml", "otio"))),
            found["ffprobe"],
        ]
        for name, found in exact.items()
    ]
    told = "What was drawn, read back out of the reel; lists by OpenTimelineIO."
    head = ["pictures a second", "wrong pictures", "sound off by", "chapters off by", "lists off by, frames"]
    lines = ["## Reels", "", told, "", *table([*head, "ffprobe"], rows), ""]
    lines += ["Seconds of processor time per minute: of footage for decoding, of reel for the others.", ""]
    names = ("decode", "labelled", "labelled_at_shots", "labelled_encoded", "unlabelled")
    work = [one.found["work"] for one in kept.values()]
    rows = [[one["file"], *(number(one[f"{name}_cpu_s_per_min"], 2) for name in names)] for one in work]
    return lines + table(["footage", *(name.replace("_", " ") for name in names)], rows)


FINDING = {
    "taught": _taught,
    "spotted": _spotted,
    "scoreboard": _scoreboard,
    "archive": _archive,
    "reel": _reel,
}
