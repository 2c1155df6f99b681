"""Write China's divisions, as @vant/area-data (MIT) has them, to the file that the server reads.

divisions.py           after `npm ci` in h5; run it again whenever that package changes
"""

import json
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "h5" / "node_modules" / "@vant" / "area-data" / "dist" / "index.js"
FILE = ROOT / "server" / "tihuo" / "addresses" / "divisions.json"

_ENTRY = re.compile(r'^\s*"?(\d{6})"?: ("(?:[^"\\]|\\.)*"),?$', re.MULTILINE)


def written(source: str) -> str:
    """The server's file: six-digit code to name, one entry a line, by code. Raises ValueError for an unknown form."""
    entries = [(code, json.loads(name)) for code, name in _ENTRY.findall(source)]
    names = dict(sorted(entries))
    provinces = [code for code in names if code.endswith("0000")]
    if len(names) != len(entries) or len(provinces) != 34 or len(names) < 3000:
        raise ValueError(f"{SOURCE.name} is not in the form that is known: {len(names)} entries of {len(entries)}")
    return json.dumps(names, ensure_ascii=False, indent=0, separators=(",", ":")) + "\n"


if __name__ == "__main__":
    FILE.write_text(written(SOURCE.read_text("utf-8")), "utf-8")
    print(f"{FILE.relative_to(ROOT)} written")
