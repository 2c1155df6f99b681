"""Print one hash over the names and contents of files and folders, leaving out what builds and tests make."""

import hashlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

MADE = {"node_modules", "dist", "coverage", "test-results", "__pycache__", ".cache", ".vite"}


def files(path: Path) -> Iterator[Path]:
    if path.is_file():
        yield path
    for folder, folders, names in os.walk(path):
        folders[:] = sorted(name for name in folders if name not in MADE)
        yield from (Path(folder) / name for name in sorted(names) if not name.endswith(".tsbuildinfo"))


def fingerprint(paths: list[Path]) -> str:
    whole = hashlib.sha256()
    for path in paths:
        for file in files(path):
            whole.update(f"{file}\0".encode())
            whole.update(hashlib.sha256(file.read_bytes()).digest())
    return whole.hexdigest()


if __name__ == "__main__":
    print(fingerprint([Path(argument) for argument in sys.argv[1:]]))
