#!/usr/bin/env bash
# Builds Brigade, fetches a demo model if none is named, and runs it over several workers.
#
#   Deploy/launch.sh ["PROMPT"] [--model MODEL] [--nodes N] [-- OPTIONS OF run]
#       over worker processes on this machine
#   Deploy/launch.sh ["PROMPT"] --cluster FILE [--model MODEL] [-- OPTIONS OF run]
#       over the machines of a cluster file
#   Deploy/launch.sh down | status --cluster FILE
#       ends its workers, or shows them
#   Deploy/launch.sh serve [MODEL] [OPTIONS OF serve, --cluster FILE among them]
#       an HTTP server instead of a prompt
#
# A MODEL is a GGUF file or the name of one that was pulled; serve needs one,
# unless the cluster file names it. Without a prompt it opens the chat. Without
# --cluster every process it starts ends with it, also on Ctrl-C and on error.
# A cluster's workers stay, so that the next start is quick, until "down";
# Configs holds examples of cluster files.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")

misuse() {
    echo "error: $*" >&2
    exit 64
}

action=run prompt=() model="" nodes="" cluster=""
case "${1:-}" in down | status | serve) action=$1; shift ;; esac
if [ "$action" = serve ]; then
    case "${1:-}" in '' | -*) ;; *) model=$1 ;; esac
    for ((i = 1; i <= $#; i++)); do
        case "${!i}" in --cluster) j=$((i + 1)); cluster=${!j:-} ;; --cluster=*) cluster=${!i#--cluster=} ;; esac
    done
else
    while [ $# -gt 0 ]; do
        case "$1" in
            --model) [ $# -ge 2 ] || misuse "--model needs a file or a name"; model=$2; shift 2 ;;
            --nodes) [ $# -ge 2 ] || misuse "--nodes needs a number"; nodes=$2; shift 2 ;;
            --cluster) [ $# -ge 2 ] || misuse "--cluster needs a file"; cluster=$2; shift 2 ;;
            --help | -h) sed -n '2,17s/^# \{0,1\}//p' "$0"; exit 0 ;;
            --) shift; break ;;
            -*) misuse "unknown option $1; options of brigade run come after --" ;;
            *) [ ${#prompt[@]} -eq 0 ] || misuse "more than one prompt; put it in quotes"; prompt=("$1"); shift ;;
        esac
    done
    [ "$action" = run ] || [ -n "$cluster" ] || misuse "$action needs --cluster FILE"
    [ -z "$cluster" ] || [ -z "$nodes" ] || misuse "give --nodes or --cluster, not both"
fi

# shellcheck source=prepare.sh
source "$here/prepare.sh"
[ -z "$cluster" ] || [ -f "$cluster" ] || fail "there is no cluster file $cluster; Configs holds examples"

brigade=${BRIGADE_EXECUTABLE:-}
if [ -z "$brigade" ]; then
    build=$root/.build options=()
    if [ -n "$cluster" ] && grep -q '^[^#]*ssh:' "$cluster"; then
        # What is copied to other machines brings Swift's runtime along: they need libnng and nothing of Swift.
        build=$root/.build-portable options=(--static-swift-stdlib -Xlinker -s)
    fi
    brigade=$build/release/brigade
    if [ "$action" = run ] || [ "$action" = serve ] || [ ! -x "$brigade" ]; then
        echo "building Brigade (the first time takes a few minutes)" >&2
        swift build --package-path "$root" --scratch-path "$build" -c release --product brigade "${options[@]}" >&2
    fi
fi

case "$action" in
    down | status) exec "$brigade" cluster "$action" "$cluster" ;;
    serve)
        [ -z "$cluster" ] || "$brigade" cluster up "$cluster" ${model:+--model "$model"}
        exec "$brigade" serve "$@"
        ;;
esac
if [ -n "$cluster" ]; then
    [ -n "$model" ] || model=$("$brigade" cluster model "$cluster")
    "$brigade" cluster up "$cluster" --model "$model"
    exec "$brigade" run "$model" "${prompt[@]}" --cluster "$cluster" --verbose "$@"
fi
[ -n "$model" ] || model=$(demo_model)
# brigade itself starts the workers, and they end with it however it ends.
exec "$brigade" run "$model" "${prompt[@]}" --nodes "${nodes:-3}" --verbose "$@"
