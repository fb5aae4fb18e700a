"""`kill -9` as tests deal it out."""

from contextlib import suppress

import psutil

from tests.waiting import await_


def kill_tree(process: psutil.Process) -> int:
    """Kill a process and its children, none of which gets to clean up; returns how many there were."""
    with suppress(psutil.NoSuchProcess):
        process.suspend()
    doomed = [*children_of(process), process]
    for each in doomed:
        with suppress(psutil.NoSuchProcess):
            each.kill()
    await_(lambda: not any(map(lives, doomed)), "the end of what was killed")
    return len(doomed)


def children_of(process: psutil.Process) -> list[psutil.Process]:
    with suppress(psutil.NoSuchProcess):
        return process.children(recursive=True)
    return []


def lives(process: psutil.Process) -> bool:
    """A zombie has ended: it only waits for init to take note, which may be seconds later."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
