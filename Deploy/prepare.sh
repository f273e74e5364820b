# What launch.sh and test.sh share: the system packages they need, installed when missing. Sourced, not run.

fail() {
    echo "error: $*" >&2
    exit 1
}

# install PACKAGE... : installs Debian packages with apt-get, as root or through sudo.
install() {
    command -v apt-get >/dev/null || fail "these packages are missing, and there is no apt-get to install them: $*"
    local sudo=""
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || fail "these packages are missing; install them as root: apt-get install $*"
        sudo="sudo"
    fi
    echo "installing $*" >&2
    $sudo apt-get update -qq >&2 && DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq "$@" >&2 ||
        fail "apt-get could not install $*"
}

# need FILE_OR_COMMAND PACKAGE : installs PACKAGE unless FILE_OR_COMMAND is there.
need() {
    [ -e "$1" ] || command -v "$1" >/dev/null || install "$2"
}

command -v swift >/dev/null ||
    fail "Swift is not installed; Brigade needs Swift 6.2 or later (https://www.swift.org/install)"
need /usr/include/nng/nng.h libnng-dev

# The demo model, fetched once into the user's cache; prints its path.
demo_model() {
    need python3 python3
    python3 -m pip --version >/dev/null 2>&1 || install python3-pip
    python3 "$(dirname "${BASH_SOURCE[0]}")/fetch_demo.py"
}
