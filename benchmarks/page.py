"""The page of results, made of the measurements that are kept."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable

from benchmarks.kept import Measurement
from benchmarks.page_of_finding import FINDING
from benchmarks.page_of_seeing import SEEING
from benchmarks.tables import number, table
from everyframe import __version__

PUBLISHED = (
    "Published on UCSD Ped2, frame-level AUC (micro): mean of frame differences 0.799; Conv-AE (2016) 0.900;"
    " future-frame prediction (2018, GPU) 0.954; MNAD (2020, GPU) 0.970; optical-flow speed over a linear"
    " perspective 0.972 to 0.978; AI-VAD (GPU, a detector trained on COCO) 0.991; HF2-VAD (2021, GPU) 0.993;"
    " CIL (2022, GPU) 0.994."
)


def page(kept: dict[str, Measurement], command: str) -> str:
    """Return the page in Markdown.

    Args:
        kept: Measurements by name; the part of a name before the first ``-`` says what it measures.
        command: That makes all of them anew.
    """
    parts = {kind: {n: m for n, m in kept.items() if n.startswith(f"{kind}-")} for kind in SECTIONS}
    for name in list(parts["contexts"]):  # held against the same with the time of day
        beside = name.replace("contexts", "accuracy", 1) + "-density"
        parts["contexts"] |= {beside: kept[beside]} if beside in kept else {}
    lines = _heading(command, kept.values())
    for kind, section in SECTIONS.items():
        if parts[kind]:
            lines += section(parts[kind])
    return "\n".join(lines)


def _heading(command: str, kept: Iterable[Measurement]) -> list[str]:
    made = sorted({one.made for one in kept})
    when = " to ".join(dict.fromkeys([made[0], made[-1]])) if made else "today"
    commits = ", ".join(sorted({one.commit for one in kept if one.commit}))
    return [
        "# Results",
        "",
        f"Made by `{command}` on {when} with Everyframe {__version__} (commits {commits}; a plus: with"
        f" changes not yet committed), Python {platform.python_version()}, {os.cpu_count()} cores"
        f" ({platform.machine()}). Speeds compare only within one row; look at the ratios."
        " Each measurement is kept in `benchmarks/results/` as it was printed, with its command.",
        "",
    ]


def _accuracy(kept: dict[str, Measurement]) -> list[str]:
    rows = [
        [
            one["dataset"],
            one["detector"],
            number(one["auc_micro"], 4),
            number(one["auc_micro_rescaled"], 4),
            number(one["eer"]),
            number(one["auc_pixel"]),
            number(one["fps_learn"], 0),
            number(one["fps_score"], 0),
            number(one["decode_fps"], 0),
            f"{one['baseline_bytes'] / 1e6:.1f} MB",
            f"{one['stretches_found']} of {one['stretches']} ({one['stray_alerts']} stray)",
        ]
        for one in (measurement.found for measurement in kept.values())
    ]
    head = ["set", "detector", "AUC micro", "rescaled per clip (has seen the future)", "EER", "AUC pixel"]
    head += ["learn fps", "watch fps", "decode fps", "baseline", "abnormal stretches alerted at 3/day"]
    lines = ["## Accuracy", ""]
    lines += [
        "`everyframe bench anomaly SET --detector NAME --json`, one thread, with decoding; look-ahead 1 s.",
        "",
    ]
    return [*lines, *table(head, rows), PUBLISHED, "", *_budgets(kept), *_ablation(kept)]


def _budgets(kept: dict[str, Measurement]) -> list[str]:
    rows = [
        [
            measurement.found["dataset"],
            measurement.found["detector"],
            count["budget"],
            str(count["alerts"]),
            number(count["hours"], 1),
            f"{count['per_day']:.1f} ({count['low']:.1f} to {count['high']:.1f})",
        ]
        for measurement in kept.values()
        for count in measurement.found["watch"]
    ]
    if not rows:
        return []
    lines = ["## Alerts on normal footage", "", "With the exact 95 % Poisson interval.", ""]
    return lines + table(["set", "detector", "budget", "alerts", "hours", "alerts per camera-day"], rows)


def _ablation(kept: dict[str, Measurement]) -> list[str]:
    rows = [
        [
            one["dataset"],
            one["detector"],
            share["attribute"],
            number(share["auc_alone"], 4),
            number(share["auc_without"], 4),
            number(one["auc_micro"], 4),
        ]
        for one in (measurement.found for measurement in kept.values())
        for share in one["attributes"]
        if len(one["attributes"]) > 1
    ]
    lines = ["## What each attribute earns", ""]
    lines += ["AUC micro of each attribute alone, and of the others without it, in the same runs.", ""]
    return lines + table(["set", "detector", "attribute", "alone", "without it", "all"], rows)


def _missing(kept: dict[str, Measurement]) -> list[str]:
    rows = [
        [f"`{one.command}`", number(one.found["auc_micro"], 4), str(one.found["stray_alerts"])]
        for one in kept.values()
    ]
    lines = ["## Missing data", "", "Every frame counts, the missing too.", ""]
    return lines + table(["command", "AUC micro", "stray alerts"], rows)


def _contexts(kept: dict[str, Measurement]) -> list[str]:
    rows = [
        [
            one["dataset"],
            "by the hour" if one["clock"] else "one for all hours",
            count["budget"],
            str(count["alerts"]),
            number(one["auc_micro"], 4),
            f"{one['stretches_found']} of {one['stretches']}",
        ]
        for one in (measurement.found for measurement in kept.values())
        for count in one["watch"]
    ]
    head = ["set", "what is normal", "budget", "alerts on normal footage", "AUC micro", "stretches alerted"]
    lines = [
        "## Time of day",
        "",
        "`everyframe bench anomaly SET --no-clock --json` against the same with the clock.",
        "",
    ]
    return lines + table(head, rows)


def _speed(kept: dict[str, Measurement]) -> list[str]:
    rows = []
    for one in kept.values():
        found = one.found
        rows.append(
            [
                one.command.split()[3],
                number(found["decode_fps"], 0),
                number(found["watch_fps"], 0),
                number(found["watch_codec_fps"], 0),
                number(found["mog2_fps"], 0),
                f"{found['watch_fps'] / found['mog2_fps']:.2f}",
                f"{found['watch_codec_fps'] / found['decode_fps']:.2f}",
            ]
        )
    head = ["file", "decode fps", "watch fps", "watch (codec) fps", "MOG2 by hand fps", "watch / MOG2"]
    lines = [
        "## Speed",
        "",
        "`everyframe bench speed FILE --json`: one thread, all in turn in one run, median.",
        "",
    ]
    return lines + table([*head, "codec / decode"], rows)


def _memory(kept: dict[str, Measurement]) -> list[str]:
    rows = [[one.found["film"], f"{one.found['peak']:.0f} MB"] for one in kept.values()]
    command = "Peak of `everyframe watch FILE -b BASELINE`, events, scores and store included."
    return ["## Memory", "", command, "", *table(["film", "peak"], rows)]


def _live(kept: dict[str, Measurement]) -> list[str]:
    rows = [
        [f"`{one.command}`", name.replace("_", " "), str(value)]
        for one in kept.values()
        for name, value in one.found.items()
        if not isinstance(value, list) and name not in ("cameras", "minutes")
    ]
    told = "RTSP cameras, 640x360 at 10 pictures per second, H.264; their server shares the machine."
    return ["## Many live cameras", "", told, "", *table(["command", "what", "figure"], rows)]


SECTIONS = {
    "accuracy": _accuracy,
    "contexts": _contexts,
    "missing": _missing,
    "speed": _speed,
    "memory": _memory,
    "live": _live,
    **FINDING,
    **SEEING,
}
