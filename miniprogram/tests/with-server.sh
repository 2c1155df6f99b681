#!/usr/bin/env bash
# Runs the tests (or those named as arguments) against a server of their own: seeded, on a free port, gone afterwards.
set -euo pipefail
cd "$(dirname "$0")/.."

tihuo=${TIHUO:-../.venv/bin/tihuo}
TIHUO_DATA_DIR=$(mktemp -d)
export TIHUO_DATA_DIR TIHUO_ENV=test TIHUO_CAPTCHA_ANSWER=2346
trap 'rm -rf "$TIHUO_DATA_DIR"' EXIT

TIHUO_PORT=$(node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close() })')
export TIHUO_PORT
"$tihuo" demo >/dev/null
"$tihuo" run >"$TIHUO_DATA_DIR/server.log" 2>&1 &
server=$!
trap 'kill "$server" 2>/dev/null && wait "$server" || true; rm -rf "$TIHUO_DATA_DIR"' EXIT

export TIHUO_TEST_ORIGIN="http://127.0.0.1:$TIHUO_PORT" TIHUO_TEST_SLUG=demo
TIHUO_TEST_CARDS=$(node -p 'JSON.stringify(require(process.env.TIHUO_DATA_DIR + "/demo.json").cards)')
TIHUO_TEST_STAFF=$(node -p 'JSON.stringify(require(process.env.TIHUO_DATA_DIR + "/demo.json").staff)')
export TIHUO_TEST_CARDS TIHUO_TEST_STAFF TIHUO_TEST_CAPTCHA=$TIHUO_CAPTCHA_ANSWER

for _ in $(seq 100); do
  if curl -fsS "$TIHUO_TEST_ORIGIN/api/c/demo/storefront" >/dev/null 2>&1; then
    npx jest "$@"
    exit
  fi
  kill -0 "$server" 2>/dev/null || break
  sleep 0.2
done
echo "the server did not start:" >&2
cat "$TIHUO_DATA_DIR/server.log" >&2
exit 1
