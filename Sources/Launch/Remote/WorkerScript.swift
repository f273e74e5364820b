/// The shell scripts that start, watch and stop one node's worker. They are POSIX sh, the same for this machine and
/// others.
///
/// A worker's process id and log are stored in a directory of the cluster, below the machine's cache directory. The id
/// counts only while that process is a worker with this node's address, since systems reuse process ids.
struct WorkerScript {
    let node: ClusterFile.Node
    /// The name of the cluster's directory on a machine.
    let runtimeName: String

    private var listen: String { (node.listen ?? node.url).description }

    private var prologue: String {
        """
        set -u
        say() { printf 'brigade: %s\\n' "$*"; }
        fail() { printf '%s\\n' "$*" >&2; exit 1; }
        try() { if [ -x "$1" ]; then say binary "$("$1" --version 2>&1 | head -n 1 | tr ' ' '_')" "$1"; fi; }
        listen=\(ShellText.quoted(listen))
        cache=${XDG_CACHE_HOME:-"$HOME"/.cache}/brigade
        runtime=$cache/clusters/\(ShellText.quoted(runtimeName))
        pidfile=$runtime/\(ShellText.quoted(node.name)).pid
        log=$runtime/\(ShellText.quoted(node.name)).log
        alive() {
            pid=
            [ -f "$pidfile" ] || return 1
            read -r pid <"$pidfile" || return 1
            case "$pid" in '' | *[!0-9]*) return 1 ;; esac
            kill -0 "$pid" 2>/dev/null || return 1
            if [ -d /proc/self ]; then command=$(tr '\\0' ' ' 2>/dev/null <"/proc/$pid/cmdline")
            else command=$(ps -p "$pid" -o args= 2>/dev/null); fi
            case "$command " in *" worker --listen $listen "*) return 0 ;; esac
            return 1
        }

        """
    }

    /// Reports the system, the cache directory, whether the worker runs, and which programs are there.
    ///
    /// - Parameters:
    ///   - binary: the only program to check; nil: the copy and the one on the path.
    ///   - copyName: file name of a copy of this program.
    func probe(binary: String?, copyName: String) -> String {
        let candidates =
            binary.map { ["try \(ShellText.path($0))"] }
            ?? [
                "try \"$cache\"/bin/\(ShellText.quoted(copyName))",
                "if command -v brigade >/dev/null; then try \"$(command -v brigade)\"; fi",
            ]
        return prologue + """
            mkdir -p "$cache/bin" "$runtime" || fail "$cache cannot be written"
            say system "$(uname -s) $(uname -m)"
            say cache "$cache"
            if alive; then say running "$pid"; fi
            \(candidates.joined(separator: "\n"))
            exit 0

            """
    }

    /// Gives a copied program its final name, if it has the right digest.
    func install(part: String, copyName: String, sha256: String) -> String {
        prologue + """
            part=$cache/bin/\(ShellText.quoted(part))
            found=$({ sha256sum "$part" 2>/dev/null || shasum -a 256 "$part"; } | cut -d ' ' -f 1)
            if [ "$found" != \(ShellText.quoted(sha256)) ]; then rm -f "$part"; fail "the copied program arrived with \
            SHA-256 $found"; fi
            chmod 755 "$part" && mv "$part" "$cache"/bin/\(ShellText.quoted(copyName)) || fail "$cache/bin cannot be \
            written"
            try "$cache"/bin/\(ShellText.quoted(copyName))
            exit 0

            """
    }

    /// Starts the worker in the background, detached from the session, unless it already runs.
    func start(binary: String, model: String?) -> String {
        var arguments = ["worker", "--listen", "\"$listen\""]
        if let threads = node.threads { arguments += ["--threads", "\(threads)"] }
        if let memory = node.memory { arguments += ["--memory", "\(memory)"] }
        if let keepAlive = node.keepAlive { arguments += ["--keep-alive=\(keepAlive)"] }
        if let model { arguments += ["--model", ShellText.path(model)] }
        if let cache = node.cache { arguments += ["--cache", ShellText.path(cache)] }
        return prologue + """
            if alive; then say running "$pid"; exit 0; fi
            umask 077
            mkdir -p "$runtime" && : >"$log" || fail "$runtime cannot be written"
            case "$listen" in ipc://*) path=${listen#ipc://}; mkdir -p "${path%/*}" || fail "${path%/*} cannot be \
            made" ;; esac
            detach=
            if command -v setsid >/dev/null; then detach=setsid; fi
            nohup $detach \(ShellText.path(binary)) \(arguments.joined(separator: " ")) </dev/null >>"$log" 2>&1 &
            printf '%s\\n' "$!" >"$pidfile" || fail "$pidfile cannot be written"
            say started "$!"
            exit 0

            """
    }

    /// Reports whether the worker runs, and the last lines of its log.
    var status: String {
        prologue + """
            if alive; then say running "$pid"; fi
            if [ -f "$log" ]; then tail -n 12 "$log" | sed 's/^/brigade: log /'; fi
            exit 0

            """
    }

    /// Ends the worker: sends SIGTERM, waits five seconds at most, then sends SIGKILL.
    var stop: String {
        prologue + """
            if ! alive; then rm -f "$pidfile"; say gone; exit 0; fi
            victim=$pid tries=0
            kill -TERM "$victim" 2>/dev/null
            while alive && [ "$tries" -lt 50 ]; do sleep 0.1; tries=$((tries + 1)); done
            if alive; then kill -KILL "$victim" 2>/dev/null; sleep 0.2; fi
            if alive; then fail "process $victim does not end"; fi
            rm -f "$pidfile"
            say stopped "$victim"
            exit 0

            """
    }
}
