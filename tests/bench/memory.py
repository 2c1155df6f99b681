"""How much memory a process and its children take at most, while something is being done."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PAUSE = 0.1


class Peak:
    """`mib`: the most that all of them together had resident at one moment."""

    def __init__(self) -> None:
        self.mib = 0.0


@contextmanager
def peak_of(pid: int) -> Iterator[Peak]:
    """Watch the process and its children while inside."""
    peak = Peak()
    done = threading.Event()

    def watch() -> None:
        while not done.is_set():
            peak.mib = max(peak.mib, sum(_resident(one) for one in _with_children(pid)) / 1024)
            done.wait(_PAUSE)

    watching = threading.Thread(target=watch, daemon=True)
    watching.start()
    try:
        yield peak
    finally:
        done.set()
        watching.join()


def _with_children(pid: int) -> list[int]:
    found = [pid]
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = task.read_text().split()
        except OSError:
            continue
        for child in children:
            found += _with_children(int(child))
    return found


def _resident(pid: int) -> int:
    """KiB in memory, 0 for a process that has ended."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("VmRSS:")), 0)
