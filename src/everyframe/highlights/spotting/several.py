"""Spotting in several files at a time, a process for each."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.synchronize import Event

from everyframe.errors import EveryframeError, SourceError
from everyframe.highlights.library import Library
from everyframe.highlights.segments import Segment
from everyframe.highlights.spotting.spotting import spot

_EVERY = 0.5  # seconds between two questions whether to end

_worker: dict[str, object] = {}  # what a process knows besides the file at hand


def spot_several(
    sources: Sequence[str],
    library: Library,
    *,
    threshold: float | None = None,
    each: bool = False,
    workers: int,
    stop: Callable[[], bool] | None = None,
) -> Iterator[tuple[str, list[Segment] | EveryframeError]]:
    """Yield what happens in each file as it is done, or why it could not be read; the others go on.

    Args:
        sources: Files.
        library: What was taught.
        threshold: See ``spot``.
        each: See ``spot``.
        workers: Processes.
        stop: Asked now and then whether to end: what is found until then in files at hand is told, too.

    Raises:
        SourceError: A process was killed.
        WeightsError: The library's backbone is not on this machine.
    """
    _ = library.eyes  # said once, not for each file, where they are missing
    context = multiprocessing.get_context("forkserver")
    over = context.Event()
    begin = (library.to_bytes(), over)
    with ProcessPoolExecutor(workers, mp_context=context, initializer=_begin, initargs=begin) as pool:
        waiting = {pool.submit(_spot, source, threshold, each): source for source in sources}
        while waiting:
            done, _ = wait(waiting, timeout=_EVERY, return_when=FIRST_COMPLETED)
            if stop is not None and stop() and not over.is_set():
                over.set()
                for future in list(waiting):
                    if future.cancel():
                        waiting.pop(future)
            for future in done:
                if future in waiting:
                    yield waiting.pop(future), _result(future)


def _result(future: Future[list[Segment] | EveryframeError]) -> list[Segment] | EveryframeError:
    try:
        return future.result()
    except BrokenProcessPool as error:
        raise SourceError(
            "a process that looked through footage was killed, perhaps for want of memory:"
            " try fewer --workers"
        ) from error


def _begin(library: bytes, over: Event) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the one who is asked says when to end
    _worker["library"], _worker["over"] = Library.from_bytes(library), over


def _spot(source: str, threshold: float | None, each: bool) -> list[Segment] | EveryframeError:
    library, over = _worker["library"], _worker["over"]
    assert isinstance(library, Library)
    assert isinstance(over, Event)
    try:
        return list(spot(source, library, threshold=threshold, each=each, stop=over.is_set))
    except EveryframeError as error:
        return error
