"""Run as a program, `parent_death.py PARENT COMMAND…`: become the command, and end when the parent ends.

Linux sends the signal, also after `kill -9` of the parent. Elsewhere the next `up` ends what was left.
"""

import contextlib
import ctypes
import os
import signal
import sys
from collections.abc import Sequence

PR_SET_PDEATHSIG = 1


def dying_with_parent(command: Sequence[str]) -> list[str]:
    """A command that ends when the thread that starts it does. Nothing of this project is loaded for it."""
    return [sys.executable, "-I", __file__, str(os.getpid()), *command]


def main(parent: int, command: list[str]) -> None:
    """Replaces this process, or ends it when the parent has already gone."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        sys.exit(1)
    os.execvp(command[0], command)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
