#!/usr/bin/env bash
# As root: install Debian packages without letting any of them start a service of its own. The tests start theirs.
set -euo pipefail

policy=/usr/sbin/policy-rc.d
kept="$(mktemp)"
had=no
if [[ -e "$policy" ]]; then
    cp -p "$policy" "$kept"
    had=yes
fi

restore() {
    if [[ "$had" == yes ]]; then cp -p "$kept" "$policy"; else rm -f "$policy"; fi
    rm -f "$kept"
}
trap restore EXIT
trap 'exit 130' INT TERM

printf '#!/bin/sh\nexit 101\n' >"$policy"
chmod 755 "$policy"

export DEBIAN_FRONTEND=noninteractive
apt-get update -q
apt-get install -q -y --no-install-recommends -o DPkg::Lock::Timeout=120 "$@"
