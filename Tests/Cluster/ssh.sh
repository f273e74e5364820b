#!/usr/bin/env bash
# Launches a cluster over ssh for real and takes it down again: two hosts with addresses, sshd and cache directories of
# their own (network namespaces on a bridge), and this machine as the third.
#
#   Tests/Cluster/ssh.sh BRIGADE MODEL
#
# Needs root, iproute2 and openssh-server. Uses throw-away keys, a port of its own and nothing of the user's ssh
# settings. Leaves nothing behind, also when it fails.
set -euo pipefail
brigade=$(realpath "$1") model=$(realpath "$2")
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/brigade-ssh-XXXXXX")
tag=$((RANDOM % 200 + 20))  # part of interface names and addresses
net=10.77.$tag
cluster=$work/cluster.yaml

cleanup() {
    local status=$?
    set +e
    [ ! -f "$cluster" ] || "$brigade" cluster down "$cluster" >"$work/cleanup" 2>&1
    for host in 1 2; do
        for process in $(ip netns pids "brg$tag-$host" 2>/dev/null); do kill "$process"; done
        ip netns del "brg$tag-$host" 2>/dev/null
    done
    ip link del "brg$tag" 2>/dev/null
    if [ "$status" -ne 0 ]; then tail -n 20 "$work"/*.log "$work"/out "$work"/err 2>/dev/null; fi
    rm -rf "$work"
    exit "$status"
}
trap cleanup EXIT
trap 'exit 1' INT TERM

fail() { echo "FAILED: $*" >&2; exit 1; }
# expect WORDS FILE : the file contains the words.
expect() { grep -qF -- "$1" "$2" || { cat "$2" >&2; fail "expected \"$1\" in the output above"; }; }
# Everything a started program says goes to files that are looked at afterwards.
say() { "$@" >"$work/out" 2>"$work/err"; }

export XDG_CACHE_HOME=$work/here XDG_RUNTIME_DIR=$work/here
mkdir -p "$work/here" /run/sshd
ssh-keygen -q -t ed25519 -N '' -f "$work/key"
ip link add "brg$tag" type bridge
ip addr add "$net.1/24" dev "brg$tag"
ip link set "brg$tag" up
for host in 1 2; do
    ip netns add "brg$tag-$host"
    ip link add "brg$tag-$host" type veth peer name "brg$tag-p$host"
    ip link set "brg$tag-$host" master "brg$tag" up
    ip link set "brg$tag-p$host" netns "brg$tag-$host"
    ip -n "brg$tag-$host" addr add "$net.$((host + 1))/24" dev "brg$tag-p$host"
    ip -n "brg$tag-$host" link set "brg$tag-p$host" up
    ip -n "brg$tag-$host" link set lo up
    ssh-keygen -q -t ed25519 -N '' -f "$work/host$host.key"
    mkdir -p "$work/host$host/bin"
    cat >"$work/sshd$host" <<EOF
Port 2222
ListenAddress $net.$((host + 1))
HostKey $work/host$host.key
AuthorizedKeysFile $work/key.pub
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
PermitRootLogin prohibit-password
Subsystem sftp internal-sftp
SetEnv XDG_CACHE_HOME=$work/host$host PATH=$work/host$host/bin:/usr/bin:/bin
EOF
    ip netns exec "brg$tag-$host" /usr/sbin/sshd -f "$work/sshd$host" -E "$work/sshd$host.log"
    echo "[$net.$((host + 1))]:2222 $(cut -d ' ' -f 1,2 "$work/host$host.key.pub")" >>"$work/known"
done
# The first host has this version; the second has one that is too old.
ln -s "$brigade" "$work/host1/bin/brigade"
printf '#!/bin/sh\necho 0.0.9\n' >"$work/host2/bin/brigade"
chmod +x "$work/host2/bin/brigade"
cat >"$work/ssh_config" <<EOF
Host one
    HostName $net.2
Host two
    HostName $net.3
Host *
    User root
    Port 2222
    IdentityFile $work/key
    IdentitiesOnly yes
    UserKnownHostsFile $work/known
EOF
cat >"$cluster" <<EOF
name: trial
ssh_config: ssh_config
num_ctx: 1024
nodes:
  - {name: alpha, url: "tcp://$net.2:7750", ssh: one, threads: 1, memory: 2GiB}
  - {name: beta, url: "tcp://$net.3:7750", ssh: root@two, threads: 1, memory: 2GiB}
  - {name: here, url: "tcp://$net.1:7750", local: true, threads: 1, memory: 2GiB}
EOF

prompt="hello world" settings=(--seed 1 --temperature 0 --num-predict 24)
say "$brigade" run "$model" "$prompt" --nodes 1 --num-ctx 1024 "${settings[@]}" || fail "one local worker"
cp "$work/out" "$work/expected"

echo "launch: the answer is that of one worker, and the weights are sent once"
export BRIGADE_EXECUTABLE=$brigade
launch() { say "$root/Deploy/launch.sh" "$prompt" --cluster "$cluster" --model "$model" -- "${settings[@]}"; }
launch || fail "the first launch"
cmp "$work/out" "$work/expected" || fail "the answer over three machines differs"
for node in alpha beta here; do expect "$node: well" "$work/err"; done
expect "beta: copying brigade" "$work/err"
expect "weights:  sent" "$work/err"
if grep -q "alpha: copying" "$work/err"; then fail "a program was copied to a host that has one"; fi
ls "$work"/host2/brigade/bin/brigade-* >"$work/copies" || fail "no copied program on the second host"
launch || fail "the second launch"
cmp "$work/out" "$work/expected" || fail "the second answer differs"
expect "alpha: runs already" "$work/err"
if grep -q "weights:" "$work/err"; then fail "the second launch sent weights"; fi

echo "health and status: all are well"
say "$brigade" health --cluster "$cluster" --json || fail "health"
for node in alpha beta here; do expect "\"name\" : \"$node\"" "$work/out"; done
say "$root/Deploy/launch.sh" status --cluster "$cluster" || fail "status"

echo "down: nothing is left, also when one worker was killed before"
process=$(cat "$work"/host1/brigade/clusters/*/alpha.pid)
kill -KILL "$process"
if say "$brigade" cluster status "$cluster"; then fail "status is well though a worker was killed"; fi
expect "alpha: it is not running" "$work/err"
if say "$brigade" health --cluster "$cluster"; then fail "health is well though a worker was killed"; fi
here_process=$(cat "$work"/here/brigade/clusters/*/here.pid)
say "$root/Deploy/launch.sh" down --cluster "$cluster" || fail "down"
expect "alpha: was not running" "$work/err"
expect "beta: stopped" "$work/err"
for host in 1 2; do
    for other in $(ip netns pids "brg$tag-$host"); do
        if grep -qz worker "/proc/$other/cmdline" 2>/dev/null; then fail "a worker is left on host $host"; fi
    done
done
if [ -d "/proc/$here_process" ] && grep -qz worker "/proc/$here_process/cmdline"; then fail "a worker is left here"; fi
say "$brigade" cluster down "$cluster" || fail "a second down"

echo "failures: the log is shown, the others are ended again"
ip netns exec "brg$tag-1" "$brigade" worker --listen "tcp://$net.2:7750" >"$work/squatter.log" 2>&1 &
for _ in $(seq 100); do
    ip netns exec "brg$tag-1" "$brigade" health "tcp://$net.2:7750" >"$work/out" 2>&1 && break
    sleep 0.1
done
sed -e 's/beta, url: "tcp:\/\/[0-9.]*:7750"/beta, url: "tcp:\/\/'"$net"'.2:7752"/' \
    -e 's/ssh: root@two/ssh: one, listen: "tcp:\/\/'"$net"'.2:7750"/' "$cluster" >"$work/taken.yaml"
if say "$brigade" cluster up "$work/taken.yaml" --patience 20; then fail "an address that is taken"; fi
expect 'node "beta": its worker has ended. Its log:' "$work/err"
expect "Address in use" "$work/err"
say "$brigade" cluster status "$work/taken.yaml" && fail "status after a failure"
if grep -q "^here .*[0-9]$" "$work/out"; then fail "a worker that was started is left"; fi
sed 's/ssh: one,/ssh: nowhere,/' "$cluster" >"$work/nowhere.yaml"
if say "$brigade" cluster up "$work/nowhere.yaml"; then fail "a host that there is not"; fi
expect 'node "alpha": ssh to nowhere failed' "$work/err"
echo "passed"
