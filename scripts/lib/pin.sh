#!/usr/bin/env bash
# Write config/constraints.txt anew: what setup.py asks for, dev extra included, as installed into an empty environment.
#
#   scripts/lib/pin.sh             keep the versions pinned now, add what is new, drop what nobody needs any more
#   scripts/lib/pin.sh --upgrade   take the newest of everything that setup.py allows
set -euo pipefail
ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)"
# shellcheck source=scripts/lib/common.sh
source "$ROOT/scripts/lib/common.sh"

pins=config/constraints.txt
empty="$(mktemp -d)"
trap 'rm -rf "$empty"' EXIT
keep=(--constraint "$pins")
if [[ "${1:-}" == --upgrade ]]; then keep=(); fi

quietly venv "$(find_python)" -m venv "$empty"
quietly pip "$empty/bin/python" -m pip install --disable-pip-version-check --no-input ${keep[@]+"${keep[@]}"} \
    --editable ".[dev]"
{
    printf '# Exact versions of everything that setup.py pulls in, directly or not. Written by scripts/lib/pin.sh.\n'
    "$empty/bin/python" -m pip freeze --exclude-editable
} >"$empty/pins"
cp "$empty/pins" "$pins"
say "$(grep -c == "$pins") packages pinned in $pins; now run ./scripts/test"
