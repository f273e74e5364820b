#!/usr/bin/env bash
# Looks at the program on an emulated terminal: run.sh [BRIGADE] [OPTIONS OF test_screen.py]
#
# Python packages (see requirements.txt) go into a virtual environment at $BRIGADE_SCREEN_VENV, made on first use. Where
# tmux is, the chat is tried in it as well: it breaks lines anew when a window becomes narrower, the emulator does not.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
case "${1:-}" in '' | -*) brigade=${BRIGADE_EXECUTABLE:-brigade} ;; *) brigade=$1; shift ;; esac
venv=${BRIGADE_SCREEN_VENV:-${TMPDIR:-/tmp}/brigade-screen}
[ -x "$venv/bin/python" ] || python3 -m venv "$venv"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check -r "$here/requirements.txt"
BRIGADE_EXECUTABLE=$brigade PYTHONDONTWRITEBYTECODE=1 exec "$venv/bin/python" "$here/test_screen.py" "$@"
