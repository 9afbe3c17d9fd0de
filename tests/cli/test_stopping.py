from __future__ import annotations

import os
import signal
import threading

import pytest

from everyframe.cli.stopping import stoppable
from everyframe.errors import SettingError


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_is_a_wish_and_the_second_an_order(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    with stoppable() as stop:
        assert not stop
        os.kill(os.getpid(), number)
        assert stop.event.wait(5)
        assert stop.code == 128 + number
        with pytest.raises(SystemExit) as left:
            _kill_and_wait(number)
        assert left.value.code == 128 + number
    assert signal.getsignal(number) == before


def test_what_cannot_be_done_with_so_little_is_said_and_no_failure_of_its_own(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit) as left:
        _stop_and_fail()
    assert left.value.code == 143
    assert capsys.readouterr().err == "nothing was learned\n"
    with pytest.raises(SettingError), stoppable():
        raise SettingError("nobody stopped us")


def _kill_and_wait(number: int) -> None:
    os.kill(os.getpid(), number)
    threading.Event().wait(5)


def _stop_and_fail() -> None:
    with stoppable() as stop:
        stop.ask(signal.SIGTERM, None)
        raise SettingError("nothing was learned")
