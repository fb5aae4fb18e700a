"""Finding and ending processes that a crash may have left."""

import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterable

import psutil

Predicate = Callable[[psutil.Process], bool]


def living(matches: Predicate) -> list[psutil.Process]:
    """The running processes, without this one and zombies, for which the predicate holds."""
    return [process for process in psutil.process_iter() if _holds(matches, process)]


def _holds(matches: Predicate, process: psutil.Process) -> bool:
    try:
        if process.pid == os.getpid() or process.status() == psutil.STATUS_ZOMBIE:
            return False
        return matches(process)
    except (psutil.Error, OSError):
        return False


def send(number: int, processes: Iterable[psutil.Process]) -> None:
    for process in processes:
        with contextlib.suppress(psutil.Error, ProcessLookupError):
            process.send_signal(number)


def end(matches: Predicate, *, signals: Iterable[tuple[int, float]]) -> bool:
    """Send each (signal, seconds to wait) in turn until none of the processes is left; True when none is."""
    for number, patience in signals:
        send(number, living(matches))
        if wait_until(lambda: not living(matches), seconds=patience):
            return True
    return False


def wait_until(condition: Callable[[], bool], *, seconds: float, every: float = 0.05) -> bool:
    """Look until the condition holds; False when it does not within that time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(every)
    return True


GENTLY_THEN_HARD = ((signal.SIGTERM, 15.0), (signal.SIGKILL, 5.0))


def exists(pid: int) -> bool:
    """Whether a process has that id, zombies left out."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False
