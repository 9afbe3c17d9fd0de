"""Work that takes long: its way from being asked for to being over, and what may go wrong on it."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.server.chores import chore
from tests.server.test_server_footage import until

from everyframe.errors import SettingError
from everyframe.server.job_files import Job, JobState
from everyframe.server.jobs import Jobs, _with

HOLDS = """
import sys
from pathlib import Path
from tests.server.chores import chore
from everyframe.server.jobs import Jobs

if __name__ == "__main__":
    jobs = Jobs(Path(sys.argv[1]), {"chore": chore})
    for _ in range(2):
        jobs.add("chore", "Wait", "ada", {"do": "wait", "file": sys.argv[2]})
    jobs.start()
    while not jobs.all()[1].curve:
        pass
    print("begun", jobs._running[1].pid, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def jobs(tmp_path: Path) -> Iterator[Jobs]:
    made = Jobs(tmp_path / "jobs", {"chore": chore})
    yield made
    made.close()


def over(jobs: Jobs, job: Job) -> Job:
    found: Job = until(lambda: (one := jobs.one(job.id)) is not None and one.state.over and one)
    return found


def test_work_is_done_one_after_another_and_what_breaks_stops_nothing(jobs: Jobs, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    first = jobs.add("chore", "Wait", "ada", {"do": "wait", "file": str(gate)})
    others = [jobs.add("chore", do, "bo", {"do": do}) for do in ("fail", "break", "die")]
    taken_back = jobs.add("chore", "none", "bo", {"do": "fail"})
    jobs.start()
    until(lambda: jobs.step(first.id).doing == "waiting")
    step = jobs.step(first.id)
    assert (step.name, step.share, step.more, step.stopping) == ("a chore", 0.25, "so far", False)
    assert all(one.state is JobState.WAITING for one in jobs.all()[:-1])
    with pytest.raises(SettingError, match="not over yet"):
        jobs.remove(first.id)
    with pytest.raises(SettingError, match="not over yet"):
        jobs.again(first.id, "bo")
    assert jobs.stop(taken_back.id)
    gate.touch()
    done = over(jobs, first)
    assert (done.state, done.outcome, done.notes, done.curve) == (
        JobState.DONE,
        "Done.",
        ("by the way",),
        (0.5,),
    )
    failed, broken, died = (over(jobs, job) for job in others)
    assert (failed.state, failed.fault) == (JobState.FAILED, "It cannot be; do another.")
    assert "wrong with Everyframe itself" in broken.fault
    assert died.fault.startswith("It ended by itself (3)")
    assert over(jobs, taken_back).outcome == "Taken back before it began."
    jobs.close()
    assert Jobs(tmp_path / "jobs", {"chore": chore}).all() == jobs.all()


def test_work_ends_when_asked_and_at_once_when_asked_twice(jobs: Jobs, tmp_path: Path) -> None:
    never = str(tmp_path / "never")
    gentle = jobs.add("chore", "gentle", "ada", {"do": "wait", "file": never})
    deaf = jobs.add("chore", "deaf", "ada", {"do": "wait", "file": never, "deaf": True})
    jobs.start()
    for job, asks in ((gentle, 1), (deaf, 2)):
        until(lambda number=job.id: jobs.step(number).doing == "waiting")  # type: ignore[misc]
        for _ in range(asks):
            jobs.stop(job.id)
    assert over(jobs, gentle).outcome == "What is done stays."
    assert (over(jobs, deaf).state, over(jobs, deaf).outcome) == (JobState.STOPPED, "Ended at once.")
    fresh = jobs.again(deaf.id, "bo")
    assert fresh is not None
    until(lambda: jobs.step(fresh.id).doing == "waiting")
    jobs.close()
    left = jobs.one(fresh.id)
    assert (left and left.state, left and left.who) == (JobState.INTERRUPTED, "bo")
    assert jobs.one(deaf.id) is None


def test_a_server_that_is_killed_finds_its_work_interrupted_and_nobody_doing_it(tmp_path: Path) -> None:
    place, gate = tmp_path / "jobs", tmp_path / "gate"
    script = tmp_path / "holds.py"
    script.write_text(HOLDS)
    path = {"PYTHONPATH": ":".join([*sys.path, str(Path(__file__).parents[2])])}
    command = [sys.executable, str(script), str(place), str(gate)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, text=True, env=path, **pipes) as server:  # type: ignore[call-overload]
        worker = int(server.stdout.readline().split()[1])
        server.send_signal(signal.SIGKILL)
    until(lambda: not alive(worker))
    again = Jobs(place, {"chore": chore})
    (place / "99.json").write_text("{")  # what cannot be read is left out
    assert [job.state for job in Jobs(place, {}).all()] == [JobState.WAITING, JobState.INTERRUPTED]
    gate.touch()
    interrupted, waiting = again.all()[1], again.all()[0]
    assert "The server ended while" in interrupted.fault
    fresh = again.again(interrupted.id, "ada")
    assert fresh is not None
    assert fresh.curve == interrupted.curve == (0.5,), "what goes on has its curve from before"
    again.start()
    try:
        assert over(again, fresh).state is JobState.DONE
        assert over(again, waiting).state is JobState.DONE
    finally:
        again.close()


def alive(pid: int) -> bool:
    """Say whether a process runs; one that is only waited for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] not in "ZX"
    except OSError:
        return False


@pytest.mark.parametrize(
    ("curve", "number", "after"),
    [
        ((), 1, (9.0,)),
        ((1.0, 2.0), 3, (1.0, 2.0, 9.0)),
        ((1.0, 2.0), 1, (9.0,)),
        ((1.0,), 3, (1.0, 9.0, 9.0)),
    ],
)
def test_a_curve_goes_on_where_the_work_does(
    curve: tuple[float, ...], number: int, after: tuple[float, ...]
) -> None:
    assert _with(curve, 9.0, number) == after


def test_too_much_that_waits_is_refused_and_what_is_long_over_forgotten(jobs: Jobs) -> None:
    made = [jobs.add("chore", "x", "ada", {"do": "fail"}) for _ in range(20)]
    with pytest.raises(SettingError, match="20 jobs wait already"):
        jobs.add("chore", "x", "ada", {"do": "fail"})
    for _ in range(3):
        for job in made:
            jobs.stop(job.id)
        made = [jobs.add("chore", "x", "ada", {"do": "fail"}) for _ in range(20)]
    assert sum(job.state.over for job in jobs.all()) == 30
    assert not jobs.stop(999)
    assert not jobs.remove(999)
    assert jobs.again(999, "ada") is None
