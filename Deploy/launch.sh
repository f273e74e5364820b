#!/usr/bin/env bash
# Builds Brigade, fetches a demo model if none is named, and runs it over several worker processes on this machine.
#
#   Deploy/launch.sh ["PROMPT"] [--model FILE] [--nodes N] [-- OPTIONS OF brigade run]
#
# Without a prompt it opens the chat. Every process it starts ends with it, also on Ctrl-C and on error.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

prompt=() model="" nodes=3
while [ $# -gt 0 ]; do
    case "$1" in
        --model) [ $# -ge 2 ] || { echo "error: --model needs a file" >&2; exit 64; }; model=$2; shift 2 ;;
        --nodes) [ $# -ge 2 ] || { echo "error: --nodes needs a number" >&2; exit 64; }; nodes=$2; shift 2 ;;
        --help | -h) sed -n '2,6s/^# \{0,1\}//p' "$0"; exit 0 ;;
        --) shift; break ;;
        -*) echo "error: unknown option $1; options of brigade run come after --" >&2; exit 64 ;;
        *) [ ${#prompt[@]} -eq 0 ] || { echo "error: more than one prompt; put it in quotes" >&2; exit 64; }; prompt=("$1"); shift ;;
    esac
done

# shellcheck source=prepare.sh
source "$here/prepare.sh"
[ -z "$model" ] || [ -f "$model" ] || fail "there is no model file $model"
case "$model" in "" | /*) ;; *) model=$PWD/$model ;; esac

cd "$here/.."
echo "building Brigade (the first time takes a few minutes)" >&2
swift build -c release --product brigade >&2
[ -n "$model" ] || model=$(demo_model)
# brigade itself starts the workers, and they end with it however it ends.
exec .build/release/brigade run "$model" "${prompt[@]}" --nodes "$nodes" --verbose "$@"
