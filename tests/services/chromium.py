"""Where Chromium is."""

import os

from .process import program


def chromium_path() -> str:
    return os.environ.get("CHROME_PATH") or program("chromium", "chromium-browser", "google-chrome")
