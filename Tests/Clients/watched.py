"""What the load tests watch from outside: the processes' memory, the server's own figures, and how long clients
wait."""
import os, statistics, threading, time

import httpx
from checks import URL


class Memory:
    """Samples each second what the server and its workers hold; BRIGADE_SERVER is the server's process. MiB.

    What they allocated is judged. Pages of the model's file that the coordinator looks rows up in are told beside it:
    they come with the words that occur, up to the table's size, and the system takes them back when it needs them.
    """

    def __init__(self):
        self.server = int(os.environ.get("BRIGADE_SERVER", "0"))
        self.samples, self.over = [], threading.Event()
        self.thread = threading.Thread(target=self.watch, daemon=True)

    def __enter__(self):
        self.begun = time.time()
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()

    def watch(self):
        while not self.over.wait(1):
            sample = {"coordinator": held(self.server)} if self.server else {}
            sample |= {f"worker {i + 1}": held(pid) for i, pid in enumerate(children(self.server))}
            self.samples.append((time.time() - self.begun, sample))

    def means(self, begin, end):
        """Each process's means between two times in seconds: allocated, and pages of files."""
        rows = [sample for at, sample in self.samples if begin <= at < end]
        return {name: [statistics.mean(row[name][i] for row in rows if name in row) for i in (0, 1)]
                for name in (rows[0] if rows else {})}

    def check(self, minute=60.0, growth=1.03, slack=6.0):
        """Says the first and the last minute and the tenths between; the last minute must be like the third tenth, when
        all that is
        made once has been made: a leak would go on."""
        end = self.samples[-1][0]
        span = min(minute, end / 3)
        first, last, warm = self.means(0, span), self.means(end - span, end + 1), self.means(end * 0.2, end * 0.3)
        for name in first:
            tenths = [self.means(end * i / 10, end * (i + 1) / 10)[name] for i in range(10)]
            print(f"      {name} allocated {first[name][0]:.1f} MiB in the first {span:.0f} s, {last[name][0]:.1f} in "
                  f"the last ({', '.join(f'{a:.0f}' for a, _ in tenths)}); "
                  f"pages of files {first[name][1]:.0f} and {last[name][1]:.0f} MiB")
        assert set(first) == set(last), "a process was lost or came"
        grown = {name: (warm[name][0], last[name][0])
                 for name in first if last[name][0] > warm[name][0] * growth + slack}
        assert not grown, f"memory grew: {grown}"


def held(pid):
    """MiB that a process allocated, and MiB of files' pages it has mapped in."""
    with open(f"/proc/{pid}/status") as status:
        size = {name: int(rest.split()[0]) / 1024
                for name, rest in (line.split(":", 1) for line in status) if name in ("RssAnon", "RssFile")}
    return size["RssAnon"], size["RssFile"]


def children(pid):
    found = []
    for name in os.listdir("/proc") if pid else []:
        try:
            if name.isdigit() and f"PPid:\t{pid}\n" in open(f"/proc/{name}/status").read():
                found.append(int(name))
        except OSError:
            pass
    return sorted(found)


def metrics():
    """/metrics as a dictionary: a sample's name with its labels, and its value."""
    lines = httpx.get(URL + "/metrics").text.splitlines()
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines if line and line[0] != "#")}


class Books:
    """The server's counters since a moment, compared with what the clients counted."""

    def __init__(self):
        self.before = metrics()

    def close(self):
        now = metrics()
        self.grown = {name: value - self.before.get(name, 0) for name, value in now.items()}

    def requests(self, status):
        return sum(v
                   for k, v in self.grown.items() if k.startswith("brigade_http_requests_total{")
                   and f'status="{status}"' in k)

    def generations(self, result):
        return self.grown.get(f'brigade_generations_total{{result="{result}"}}', 0)

    def tokens(self, kind):
        return self.grown.get(f'brigade_tokens_total{{kind="{kind}"}}', 0)

    def check(self, refused, least, most):
        """`refused`: how many clients saw a 429; `least` and `most`: tokens that answers must have had."""
        self.close()
        started = self.grown.get("brigade_generations_started_total", 0)
        results = {name: self.generations(name) for name in ("ended", "cancelled", "refused", "failed")}
        answers = self.tokens("answer")
        print(f"      engine: {started:.0f} requests = {', '.join(f'{v:.0f} {k}' for k, v in results.items())}; tokens "
              f"out {answers:.0f}, clients saw {least} (at most {most})")
        assert started == sum(results.values()) and results["failed"] == 0, (started, results)
        assert least <= answers <= most, (least, answers, most)
        assert self.requests(500) == 0 and self.requests(429) >= refused, (self.requests(500), self.requests(429),
            refused)
        assert self.grown.get("brigade_streams", 0) == 0


def all_free():
    """Nothing runs, nobody waits, no block is held, on the coordinator and on every worker."""
    deadline = time.time() + 5
    while True:
        now = httpx.get(URL + "/api/cluster").json()
        held = [now["load"]["running"], now["load"]["queued"], now["load"]["blocks_used"], len(now["requests"])]
        held += [stage["blocks_used"] or 0 for stage in now["stages"]]
        if not any(held):
            return now
        assert time.time() < deadline, f"still held 5 s later: {now['load']}, {now['requests']}, {now['stages']}"
        time.sleep(0.1)


def fairness(waits, least=5):
    """Waits by arrival class, as (class, seconds); prints the spread, returns the worst wait in medians of its class.

    Classes of fewer than `least` members have no median worth the name.
    """
    classes = {}
    for key, seconds in waits:
        classes.setdefault(key, []).append(seconds)
    worst, judged = (0.0, None, 0, 0), 0
    for key, members in classes.items():
        if len(members) < least:
            continue
        judged += len(members)
        median = statistics.median(members)
        worst = max(worst, (max(members) / median, key, max(members), median))
    all_waits = sorted(seconds for _, seconds in waits)
    if all_waits:
        print(f"      first token: median {statistics.median(all_waits):.2f} s, 99%: "
              f"{all_waits[int(len(all_waits) * 0.99) - 1]:.2f} s, longest {all_waits[-1]:.2f} s; "
              f"worst of its class: {worst[2]:.2f} s, {worst[0]:.2f} times the median {worst[3]:.2f} s of {worst[1]}; "
              f"{judged} of {len(waits)} in {len(classes)} classes judged")
    return worst[0]
