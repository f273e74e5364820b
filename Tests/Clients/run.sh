#!/bin/sh
# Serves a model over three local workers and has the clients that people use ask it: run.sh MODEL [BRIGADE]
#
# CLIENT_TESTS names the tests instead of the usual ones, CLIENT_ARGUMENTS are for each of them, SERVE_OPTIONS for the
# server.
# Python packages (see requirements.txt) go into a virtual environment at $BRIGADE_CLIENTS_VENV, made on first use.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
model=${1:?"usage: run.sh MODEL [BRIGADE]"}
brigade=${2:-${BRIGADE_EXECUTABLE:-brigade}}
venv=${BRIGADE_CLIENTS_VENV:-${TMPDIR:-/tmp}/brigade-clients}
work=$(mktemp -d)
[ -x "$venv/bin/python" ] || python3 -m venv "$venv"
"$venv/bin/pip" install --quiet --disable-pip-version-check -r "$here/requirements.txt"

"$brigade" serve "$model" --nodes 3 --threads 1 --port 0 --name served --num-ctx 2048 ${SERVE_OPTIONS:-} 2>"$work/log" &
server=$!
stop() {
    kill "$server" 2>/dev/null && wait "$server" 2>/dev/null || true
    rm -rf "$work"
}
trap stop EXIT INT TERM
tries=0
until url=$(grep -o 'is served at http://[0-9.]*:[0-9]*' "$work/log"); do
    tries=$((tries + 1))
    if [ "$tries" -gt 240 ] || ! kill -0 "$server" 2>/dev/null; then
        cat "$work/log" >&2
        exit 1
    fi
    sleep 0.5
done
export BRIGADE_URL="${url#is served at }" BRIGADE_MODEL=served BRIGADE_SERVER="$server"
export OPENAI_API_KEY=none LITELLM_LOCAL_MODEL_COST_MAP=True PYTHONDONTWRITEBYTECODE=1
status=0
usual="openai_client ollama_client langchain_clients litellm_client thinking schemas described mutated"
for test in ${CLIENT_TESTS:-$usual}; do
    echo "== $test"
    "$venv/bin/python" "$here/$test.py" ${CLIENT_ARGUMENTS:-} || status=1
done
exit $status
