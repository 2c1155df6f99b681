"""python -m tests.bench NAME [--json]"""

import argparse
import importlib
import os
import sys
import threading
from pathlib import Path
from typing import NoReturn

from .figures import Figure, table

NOT_SUBJECTS = {"__init__", "__main__", "bare", "figures", "lists", "load", "memory", "merchant"}
SUBJECTS = sorted({path.stem for path in Path(__file__).parent.glob("*.py")} - NOT_SUBJECTS)
TIME_LIMIT = 600.0


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/bench", description="Measure one subject.")
    parser.add_argument("name", choices=SUBJECTS)
    parser.add_argument("--json", action="store_true", help="one line of JSON for each figure")
    arguments = parser.parse_args()
    subject = importlib.import_module(f"tests.bench.{arguments.name}")
    limit: float = getattr(subject, "TIME_LIMIT", TIME_LIMIT)
    out_of_time = threading.Timer(limit, _give_up, [limit])
    out_of_time.daemon = True
    out_of_time.start()
    figures: list[Figure] = subject.measure()
    if arguments.json:
        sys.stdout.writelines(f"{figure.as_json()}\n" for figure in figures)
    else:
        sys.stdout.write(f"{table(figures)}\n")
    return 0 if all(figure.ok for figure in figures) else 1


def _give_up(limit: float) -> NoReturn:
    # The servers it started end with it: the kernel sees to that (see tests/services/process.py).
    sys.stderr.write(f"not done after {limit:.0f} s\n")
    sys.stderr.flush()
    os._exit(1)


if __name__ == "__main__":
    sys.exit(main())
