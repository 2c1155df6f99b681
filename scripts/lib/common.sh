# shellcheck shell=bash
# What run, test, check and bench share. Sourced, with ROOT already set; changes into ROOT.
# Every script that sources this starts with set -euo pipefail.

cd "$ROOT" || exit 1
LOGS="$ROOT/build/logs"
VENV="$ROOT/.venv"
PYTHON="$VENV/bin/python"

say() { printf '\033[1m%s\033[0m\n' "$*" >&2; }
fail() {
    printf '\033[31m%s\033[0m\n' "$*" >&2
    exit 1
}
# Without a terminal, colours are only noise in a log.
if [[ ! -t 2 ]]; then
    say() { printf '%s\n' "$*" >&2; }
    fail() {
        printf '%s\n' "$*" >&2
        exit 1
    }
fi

# quietly NAME COMMAND…: the output goes to a log file, and is shown only if the command fails.
quietly() {
    local log="$LOGS/$1.log" code=0
    shift
    mkdir -p "$LOGS"
    "$@" >"$log" 2>&1 </dev/null || code=$?
    if ((code != 0)); then
        tail -n 60 "$log" >&2
        printf 'failed: %s (all of it in %s)\n' "$*" "$log" >&2
    fi
    return "$code"
}

find_python() {
    local candidate
    # The oldest first: it is the one the pinned versions were tried on.
    for candidate in ${TIHUO_PYTHON:+"$TIHUO_PYTHON"} python3.11 python3.12 python3.13 python3 python; do
        if "$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
            command -v "$candidate"
            return
        fi
    done
    local found="none"
    if command -v python3 >/dev/null 2>&1; then found="$(python3 --version 2>&1 || true)"; fi
    fail "Tihuo needs Python 3.11 or newer with venv (found: ${found:-none}).
On Debian or Ubuntu: apt-get install python3 python3-venv. Or name one: TIHUO_PYTHON=/path/to/python3 $0"
}

# fingerprint PATH…: one hash over names and contents, without what builds leave behind.
fingerprint() {
    "$PYTHON" "$ROOT/scripts/lib/fingerprint.py" "$@"
}

# python_env [EXTRA]: .venv holds the project, editable, at the pinned versions, with the extra named.
# Does nothing when that is so already. What has the extra serves without it too.
python_env() {
    local extra="${1:-}" wanted stamp="$VENV/.tihuo-installed" base
    if [[ ! -x "$PYTHON" ]] || ! "$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        base="$(find_python)" || exit 1
        say "Python environment in .venv ($("$base" --version))"
        quietly venv "$base" -m venv --clear "$VENV" || exit 1
    fi
    # The place belongs to it: an editable install knows the folder by its full path.
    wanted="$ROOT $(fingerprint setup.py config/constraints.txt)"
    if [[ -f "$stamp" ]] && { [[ "$(<"$stamp")" == "$wanted [dev]" ]] || [[ "$(<"$stamp")" == "$wanted [$extra]" ]]; }; then
        return
    fi
    say "Installing Python packages"
    rm -f "$stamp"
    quietly pip "$PYTHON" -m pip install --disable-pip-version-check --no-input \
        --constraint config/constraints.txt --editable ".${extra:+[$extra]}" || exit 1
    printf '%s' "$wanted [$extra]" >"$stamp"
}

need_node() {
    local found="none"
    if command -v node >/dev/null 2>&1; then found="$(node --version)"; fi
    if [[ "$found" == none ]] || (("$(node -p 'process.versions.node.split(".")[0]')" < 20)); then
        fail "Tihuo needs Node.js 20 or newer to build its pages (found: $found)."
    fi
    command -v npm >/dev/null 2>&1 || fail "Tihuo needs npm beside Node.js, and there is none."
}

# node_packages FRONT: FRONT/node_modules is what its package-lock.json says.
node_packages() {
    local front="$1" stamp="$ROOT/$1/node_modules/.tihuo-installed" wanted
    wanted="node $(node -p process.versions.modules) $(fingerprint "$front/package.json" "$front/package-lock.json")"
    if [[ -f "$stamp" && "$(<"$stamp")" == "$wanted" ]]; then return; fi
    say "Installing Node packages of $front"
    quietly "npm-$front" npm --prefix "$ROOT/$front" ci --no-audit --no-fund --no-progress || return 1
    printf '%s' "$wanted" >"$stamp"
}

# build_front FRONT: FRONT/dist is built from the sources that lie there now.
build_front() {
    local front="$1" stamp="$ROOT/$1/node_modules/.tihuo-built" wanted
    node_packages "$front" || return 1
    wanted="$(fingerprint "$front")"
    if [[ -f "$front/dist/index.html" && -f "$stamp" && "$(<"$stamp")" == "$wanted" ]]; then return; fi
    say "Building $front"
    rm -f "$stamp"
    quietly "build-$front" npm --prefix "$ROOT/$front" run build || return 1
    printf '%s' "$wanted" >"$stamp"
}

# build_fronts: the two that the server serves, at the same time.
build_fronts() {
    local h5 failed=0
    need_node
    build_front h5 &
    h5=$!
    build_front admin || failed=1
    wait "$h5" || failed=1
    return "$failed"
}
