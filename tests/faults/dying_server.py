"""`python -m tests.faults.dying_server web`: Tihuo that kills itself at a chosen point of a request.

A request with the header `X-Die-At: n` ends the process with SIGKILL at its n-th point. Points lie before and
after every statement and around the commit. A supervisor, as systemd is one, at once starts a new process,
which knows nothing of the old one; it is a fork of what has been imported already, so that it is ready soon.
"""

import ctypes
import os
import signal
import sys
from contextvars import ContextVar
from typing import Any, NoReturn

from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from tihuo import cli
from tihuo.web.handler import Handler

HEADER = "X-Die-At"
_PR_SET_PDEATHSIG = 1
_points_left: ContextVar[list[int] | None] = ContextVar("points_left", default=None)


def _point(*_: Any) -> None:
    left = _points_left.get()
    if left is not None:
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)


def _count_points() -> None:
    event.listen(Engine, "before_cursor_execute", _point)
    event.listen(Engine, "after_cursor_execute", _point)
    event.listen(Session, "before_commit", _point)
    event.listen(Session, "after_commit", _point)
    prepare = Handler.prepare

    def counting(self: Handler) -> None:
        asked = self.request.headers.get(HEADER)
        # A list, since contexts that are copied from this one must count together.
        _points_left.set([int(asked)] if asked else None)
        prepare(self)

    Handler.prepare = counting  # type: ignore[method-assign]


def _supervise() -> NoReturn:
    child = 0

    def end(*_: Any) -> NoReturn:
        if child:
            os.kill(child, signal.SIGKILL)
        os._exit(0)

    signal.signal(signal.SIGTERM, end)
    while True:
        child = os.fork()
        if child == 0:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            # So that no server is left over when the tests themselves are killed.
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
            cli.main()
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if not os.WIFSIGNALED(status):
            sys.exit("the server ended by itself")


if __name__ == "__main__":
    _count_points()
    _supervise()
