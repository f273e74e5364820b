"""Tables: at every width of the window whole, with names for nodes instead of paths of sockets."""
import contextlib

from cases import WIDTHS, check_whole
from terminal import Keys


def look(home, *arguments, status=0, titles=(), words=(), widths=WIDTHS, whole=True):
    """Runs a command at each width; what it says must fit. `words` are looked for in windows of 80 columns and more."""
    for columns in widths:
        with home.terminal(*arguments, columns=columns) as terminal:
            assert terminal.end() == status, terminal.picture()
            if whole:
                check_whole(terminal)
            rows, text = terminal.rows(), terminal.text()
            assert "ipc://" not in table_of(rows), terminal.picture()
            for title in titles:
                assert title in text, f"no {title!r} in {columns} columns\n{terminal.picture()}"
            if columns >= 80:
                for word in words:
                    assert word in text, f"no {word!r} in {columns} columns\n{terminal.picture()}"


def table_of(rows):
    """Rows with more than one column."""
    return "\n".join(row for row in rows if "  " in row.strip())


def cluster_file(home, nodes=3):
    path = home.folder / "three.yaml"
    path.write_text(f"model: {home.model()}\nnum_ctx: 1024\nnodes:\n" + "".join(
        f"  - {{name: node-{i}, local: true, threads: 1, memory: 1GiB}}\n" for i in range(nodes)))
    return str(path)


@contextlib.contextmanager
def running(home):
    file = cluster_file(home)
    with home.terminal("cluster", "up", file, columns=200) as terminal:
        assert terminal.end() == 0, terminal.picture()
    try:
        yield file
    finally:
        with home.terminal("cluster", "down", file) as terminal:
            assert terminal.end() == 0, terminal.picture()


def models_and_what_they_are(home):
    long = "somebody-with-a-long-name/a-model-with-a-name-that-is-long-as-well:0.5b-instruct-q4_K_M"
    pulled(home, "tiny", long)
    look(home, "models", titles=["NAME", "SIZE", "tiny:latest"], words=["MODIFIED"])
    look(home, "show", "tiny", titles=["architecture", "qwen2", "Model"])
    look(home, "inspect", home.model(), titles=["token_embd.weight", "Bytes per layer", "blk.1"])
    look(home, "show", home.model("hostile"), titles=["qwen2"])
    look(home, "inspect", home.model("hostile"), titles=["evil␛[31m␛]0;title␇ name"])


def pulled(home, *names):
    import pathlib
    from registry import Registry
    registry = Registry(pathlib.Path(home.model()).read_bytes())
    registry.allow(1)
    try:
        for name in names:
            with home.terminal("pull", name, "--registry", registry.url) as terminal:
                assert terminal.end() == 0, terminal.picture()
    finally:
        registry.stop()


def plans_on_paper_and_of_workers(home):
    file = home.folder / "stated.yaml"
    file.write_text("nodes:\n" + "".join(
        f"  - {{name: a-node-with-a-name-{i}, url: 'tcp://10.0.0.{i + 2}:7750', threads: 8, memory: 16GiB, "
        "bandwidth: 40, int8: 900}\n" for i in range(4)))
    look(home, "plan", home.model(), "--cluster", file,
         titles=["node", "layers", "weights", "ms/token", "a-node", "predicted"])
    look(home, "simulate", home.model(), "--cluster", file, "--streams", "1,4",
         titles=["streams", "first", "token", "4 nodes"], words=["99th"])
    look(home, "plan", home.model(), "--cluster", cluster_file(home), titles=["node-", "layers", "ms/token"])


def nodes_of_a_cluster(home):
    with running(home) as file:
        look(home, "cluster", "status", file, titles=["node-0", "node-2", "idle", "process"])
        look(home, "health", "--cluster", file, titles=["node-0", "node-2", "idle", "memory", "round trip"][:4],
             words=["budget"])
        with home.terminal("health", "--cluster", file, "--json", output=str(home.folder / "health.json")) as terminal:
            assert terminal.end() == 0
        import json
        found = json.loads((home.folder / "health.json").read_text())
        addresses = [node["url"] for node in found]
        assert all(address.startswith("ipc:///") for address in addresses)
        look(home, "health", *addresses, titles=["worker 1", "worker 3", "idle"])
    look(home, "cluster", "status", cluster_file(home), status=1, titles=["node-0", "down", "it is not running"])
    look(home, "health", "--cluster", cluster_file(home), status=2, titles=["node-0", "unreachable"],
         whole=False)  # why is said in sentences, with addresses longer than the window


def measurements(home):
    model, few = home.model(), ("--rounds", 1, "--threads", 1)
    line = (*few, "--nodes", 2, "--prompt-tokens", 64, "--tokens", 8)
    look(home, "bench", model, *few, "--contexts", "64,128", titles=["rows", "tokens/s", "context", "by memory"])
    look(home, "bench", model, *line, titles=["prefill", "decode", "tokens/s"], words=["int8 rate"])
    look(home, "bench", model, *line, "--streams", "1,2", titles=["streams", "tokens/s"], words=["99th"])
    look(home, "bench", model, *line, "--turns", titles=["first", "second", "known"], widths=[60])
    look(home, "bench", model, *few, "--nodes", 2, "--beside", 256, titles=["alone", "median", "ratio"], widths=[60])


def what_a_chat_shows(home):
    for columns in WIDTHS:
        with home.chat(columns=columns) as terminal:
            for line, words in (("/show info", "worker 2"), ("/show parameters", "num_ctx"),
                                ("/show system", "No system"),
                                ("/?", "/bye"), ("/? set", "nohistory"), ("/? shortcuts", "Ctrl + d")):
                terminal.send(line, Keys.ENTER)
                terminal.wait(line, lambda: words in terminal.text().split(f">>> {line}\n")[-1] and
                              terminal.rows()[-1] == ">>>")
            check_whole(terminal)
            assert "ipc://" not in terminal.text() and "1+head" in terminal.text()
            # A template is a source text, which one may want to copy: its lines are not broken for the window.
            terminal.send("/show template", Keys.ENTER)
            terminal.wait("the template", lambda: "<|im_start|>" in terminal.text() and terminal.rows()[-1] == ">>>")
            terminal.send("/bye", Keys.ENTER)
            assert terminal.end() == 0


def helps_fit(home):
    for command in ([], ["run"], ["serve"], ["worker"], ["bench"], ["plan"], ["simulate"], ["cluster"], ["pull"]):
        for columns in WIDTHS:
            with home.terminal(*command, "--help", columns=columns) as terminal:
                assert terminal.end() == 0 and "USAGE" in terminal.text(), terminal.picture()
                check_whole(terminal)


CASES = [
    models_and_what_they_are, plans_on_paper_and_of_workers, nodes_of_a_cluster, measurements, what_a_chat_shows,
    helps_fit,
]
