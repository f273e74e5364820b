#!/usr/bin/env bash
# Installs what the tests need, builds Brigade and passes every test. Options go to `swift test`, as in
# Deploy/test.sh --filter KernelsTests
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
source "$here/prepare.sh"
need aarch64-linux-gnu-gcc gcc-aarch64-linux-gnu  # the arm64 kernels are compiled and run under emulation
need /usr/aarch64-linux-gnu/include/stdio.h libc6-dev-arm64-cross
need qemu-aarch64 qemu-user
need ip iproute2  # a cluster over ssh is tested between network namespaces
need /usr/sbin/sshd openssh-server
need ssh openssh-client
need python3 python3  # a terminal's screen is emulated in Python, and in tmux
python3 -c 'import ensurepip, venv' 2>/dev/null || install python3-venv
need tmux tmux

cd "$here/.."
BRIGADE_MODEL_0_5B=${BRIGADE_MODEL_0_5B:-$(demo_model)}
export BRIGADE_MODEL_0_5B
swift build -c release --product brigade
export BRIGADE_EXECUTABLE=$PWD/.build/release/brigade
# One test at a time: many wait for processes and sockets and would starve each other on a small machine. Release mode,
# for models need optimized kernels; the tests live in a build folder of their own since they are compiled with access
# to internals. A pass that hangs ends some day, and says so with its status.
limit=()
if command -v timeout >/dev/null; then
    limit=(timeout -k 30 2400)
    # At a terminal it must not leave the foreground, or Ctrl-C would not reach the tests.
    if [ -t 0 ]; then limit=(timeout --foreground -k 30 2400); fi
fi
pass() {
    ${limit[@]+"${limit[@]}"} swift test --no-parallel -c release -Xswiftc -enable-testing \
        --scratch-path .build-tests "$@"
}
if [ $# -gt 0 ]; then
    pass "$@"
    exit
fi
# In processes of their own: other tests kill workers, after which NNG may never close a connection again in that
# process.
pass --filter MessagingTests
pass --skip MessagingTests --skip DeliveryTests
pass --filter DeliveryTests
# The page's modules need no browser to be tested, only a JavaScript runtime.
if command -v node >/dev/null; then node --test Tests/Page/; fi
# What a person sees at a terminal, on the screen of an emulated one.
Tests/Screen/run.sh
