"""`python -m tests.faults.dying_worker SEED DEATHS MOST`: a worker that is killed over its jobs, and started anew.

A supervisor starts one process after the other. The first DEATHS of them end by SIGKILL while a job is at work: in
turn at one of the job's first MOST points, drawn, and after a moment, drawn. Points lie before and after every
statement and around the commit. The last process lives. Each is a fork of what has been imported already, knows
nothing of those before it, and takes small steps. Its standard output has a line for each that was started.
"""

import ctypes
import datetime as dt
import os
import random
import signal
import sys
import threading
from typing import Any, NoReturn

from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from tihuo import cli
from tihuo.cards.jobs import make
from tihuo.cards.service import changing
from tihuo.jobs import runner, task
from tihuo.jobs.models import JobRow

_PR_SET_PDEATHSIG = 1
LIVES = "a worker lives"


def _kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _small_steps() -> None:
    make.CHUNK = 100
    changing.CHUNK = 60
    changing.SPAN = 400
    changing._MOST_RUNS = 10
    changing._SCATTERED = 30
    # How long a job waits for its next worker after each death.
    task.LEASE = dt.timedelta(seconds=0.7)
    runner._LOOK_ANYWAY = 0.1


def _die(draw: random.Random, most: int, *, at_a_point: bool) -> None:
    """Have this process die over its jobs. Only what happens within a job counts, on whatever thread."""
    at_work, left, lock = [0], [draw.randint(1, most)], threading.Lock()
    work = runner.Runner._work

    def kill_if_at_work() -> None:
        if at_work[0]:
            _kill()

    def point(*_: Any) -> None:
        if at_work[0]:
            with lock:
                left[0] -= 1
            if left[0] == 0:
                _kill()

    async def mortal(self: runner.Runner, row: JobRow, lease: str) -> None:
        at_work[0] += 1
        if not at_a_point:
            timer = threading.Timer(draw.uniform(0.0, 0.12), kill_if_at_work)
            timer.daemon = True
            timer.start()
        try:
            await work(self, row, lease)
        finally:
            at_work[0] -= 1

    runner.Runner._work = mortal  # type: ignore[method-assign]
    if at_a_point:
        event.listen(Engine, "before_cursor_execute", point)
        event.listen(Engine, "after_cursor_execute", point)
        event.listen(Session, "before_commit", point)
        event.listen(Session, "after_commit", point)


def _supervise(seed: str, deaths: int, most: int) -> NoReturn:
    child = 0

    def end(*_: Any) -> NoReturn:
        if child:
            os.kill(child, signal.SIGKILL)
        os._exit(0)

    signal.signal(signal.SIGTERM, end)
    for life in range(deaths + 1):
        print(LIVES, flush=True)  # noqa: T201 - the test counts these lines
        child = os.fork()
        if child == 0:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            # So that no worker is left over when the tests themselves are killed.
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
            if life < deaths:
                _die(random.Random(f"{seed}:{life}"), most, at_a_point=life % 2 == 0)
            sys.argv = ["tihuo", "worker"]
            cli.main()
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if not os.WIFSIGNALED(status):
            sys.exit("the worker ended by itself")
    sys.exit("the last worker died")


if __name__ == "__main__":
    _small_steps()
    _supervise(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
