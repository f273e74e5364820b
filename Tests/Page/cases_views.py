"""Models, cluster, keys, themes, widths."""
import time

from selenium.webdriver.common.keys import Keys

from cases import case


@case(mock=True)
def the_cluster_shows_three_nodes_to_scale(b, _):
    b.send("long and read")
    b.go("#/cluster")
    b.wait("three nodes", lambda: len(b.all(".node")) == 3)
    assert b.texts(".node-layers") == ["Layers 0–22", "Layers 23–43", "Layers 44–63 and head"]
    widths = b.js("return [...document.querySelectorAll('#view-cluster .pipeline-stage')].map(e => e.offsetWidth)")
    for width, layers in zip(widths, (23, 21, 20)):
        assert abs(width / sum(widths) - layers / 64) < 0.02, widths
    assert b.texts(".node .state") == ["Well"] * 3
    assert "Weights" in b.text(".memory-legend")
    b.wait("the prompt's progress", lambda: "reading its prompt" in b.text(".request-words"))
    b.wait("a bucket on its way", lambda: b.all("#view-cluster .pipeline.moving"))
    frame = b.text(".frame-count")
    b.wait("the frames to go on", lambda: b.text(".frame-count") != frame)


@case()
def the_cluster_has_a_view(b):
    b.go("#/cluster")
    b.wait("nodes, or word that there are none",
           lambda: b.all(".node") or "does not describe" in b.text("#view-cluster .empty-state"))


@case(mock=True, server=("--starting", "8"))
def a_cluster_that_starts_says_so_and_answers_then(b, _):
    b.wait("word of it in the chat", lambda: "Starting: loading the weights" in b.text("#strip"))
    b.wait("word of it where the chat begins", lambda: "is answered then" in b.text(".empty-chat p"))
    b.go("#/cluster")
    b.wait("how far it is",
           lambda: "loading the weights" in b.text("#view-cluster .empty-state")
           and b.one("#view-cluster .empty-state progress").is_displayed())
    b.go("#/")
    b.send("hello")
    b.wait("the question to wait", lambda: "The cluster is starting" in b.text(".answer-progress"))
    b.done()
    assert b.text(".answer .prose:not(.thinking-text)"), "it was answered without a second try"
    b.wait("the workers", lambda: "3 workers" in b.text("#strip"))
    b.go("#/cluster")
    b.wait("three nodes", lambda: len(b.all(".node")) == 3)


@case(mock=True)
def a_node_that_is_unwell_is_told_in_words(b, _):
    b.ask("silent")
    b.wait("word of it in the chat", lambda: "kitchen: silent" in b.text("#strip"))
    b.ask("lost")
    b.go("#/cluster")
    b.wait("the state", lambda: b.texts(".node .state") == ["Well", "Lost", "Well"])
    assert b.all(".node:nth-child(2) .state svg"), "a shape beside the colour"


@case(mock=True, motion=False)
def nothing_travels_for_those_who_asked_for_rest(b, _):
    b.send("long")
    b.go("#/cluster")
    b.wait("three nodes", lambda: len(b.all(".node")) == 3)
    time.sleep(1)
    assert not b.all(".pipeline.moving")


@case(mock=True)
def models_are_listed_pulled_and_deleted(b, _):
    b.go("#/models")
    b.wait("the list", lambda: len(b.all(".model")) == 3)
    assert b.texts(".badge") == ["Serving now"]
    search = b.one("#model-search")
    search.send_keys("0.5b")
    assert len(b.all(".model")) == 1
    search.send_keys(Keys.CONTROL + "a" + Keys.NULL, "qwen3:0.6b")
    assert "Pull qwen3:0.6b" in b.text(".offer")
    b.press(Keys.ENTER)
    b.wait("progress in bytes", lambda: "MiB of" in b.text(".pull"))
    b.wait("it to be installed", lambda: len(b.all(".model")) == 4)
    search.send_keys("nosuch", Keys.ENTER)
    b.wait("the refusal", lambda: "does not exist" in b.text(".pull"))
    b.click('[aria-label="Delete qwen3:0.6b"]')
    b.click("dialog .danger")
    b.wait("it to be gone", lambda: len(b.all(".model")) == 3)
    b.click('[aria-label="Delete qwq:32b"]')
    b.click("dialog .danger")
    b.wait("the server's refusal", lambda: "stop the server first" in b.text(".notice.bad"))
    b.click('[aria-label="Details qwq:32b"]')
    b.wait("details", lambda: "temperature" in "".join(b.texts("dialog pre")))
    b.press(Keys.ESCAPE)
    b.click('[aria-label="Chat qwen2.5-coder:1.5b"]')
    b.wait("the chat with it", lambda: b.one("#model").get_attribute("value") == "qwen2.5-coder:1.5b")
    b.ask("hello")
    assert b.fetch("mock/last")["model"] == "qwen2.5-coder:1.5b"


@case(mock=True)
def a_pull_is_stopped(b, _):
    b.go("#/models")
    b.one("#model-search").send_keys("qwen3", Keys.ENTER)
    b.wait("progress", lambda: b.all(".pull"))
    b.click(".pull-tools button")
    b.wait("it to be gone", lambda: not b.all(".pull"))


@case()
def keys_alone_are_enough(b):
    b.js("document.activeElement.blur()")
    b.press(Keys.TAB)
    assert b.js("return document.activeElement.id") == "skip", "the first stop is the way past the sidebar"
    outline = b.js("return getComputedStyle(document.activeElement).outlineStyle")
    assert outline != "none", "focus is seen"
    b.press("/")
    assert b.js("return document.activeElement.id") == "prompt"
    b.press("one", (Keys.SHIFT, Keys.ENTER), "two")
    assert b.one("#prompt").get_attribute("value") == "one\ntwo"
    b.press(Keys.ENTER)
    b.wait("the question", lambda: b.text(".bubble") == "one\ntwo")
    b.done(180)
    b.press((Keys.CONTROL, Keys.SHIFT, "o"))
    b.wait("a new conversation", lambda: not b.all(".message"))
    b.press((Keys.CONTROL, "k"))
    assert b.js("return document.activeElement.id") == "search"
    b.press(Keys.ARROW_DOWN, Keys.ENTER)
    b.wait("the conversation", lambda: b.all(".message"))
    b.press((Keys.ALT, "3"))
    b.wait("the cluster", lambda: b.one("#view-cluster").is_displayed())
    b.press((Keys.ALT, "2"))
    b.wait("the models", lambda: b.one("#view-models").is_displayed())
    b.press((Keys.ALT, "1"))
    b.wait("the chat", lambda: b.one("#view-chat").is_displayed())
    b.press((Keys.CONTROL, ","))
    assert b.js("return document.activeElement.id") == "system"
    b.press(Keys.ESCAPE)
    assert not b.one("#panel").is_displayed()
    b.js("document.activeElement.blur()")
    b.press("?")
    b.wait("the list of keys", lambda: b.all("dialog[open]"))
    b.press(Keys.ESCAPE)
    assert not b.all("dialog[open]")


@case()
def everything_has_a_name(b):
    b.ask("Say something short with `code`.")
    b.click("#open-panel")
    nameless = """
        const named = e => e.getAttribute('aria-label') || e.textContent.trim() || e.labels?.[0]?.textContent.trim() ||
          e.title;
        return [...document.querySelectorAll('button, a, input:not([hidden]), textarea, select, [role=img], progress')]
          .filter(e => e.checkVisibility() && !named(e)).map(e => e.outerHTML.slice(0, 120));"""
    for fragment in ("#/", "#/models", "#/cluster"):
        b.go(fragment)
        time.sleep(0.5)
        assert b.js(nameless) == []
    assert b.js("return document.querySelectorAll('main').length === 1 && document.documentElement.lang === 'en'")
    ids = b.js("return [...document.querySelectorAll('[id]')].map(e => e.id)")
    assert len(ids) == len(set(ids)), "ids are unique"


@case()
def screen_readers_hear_turning_points_only(b):
    b.js("""window.heard = [];
            const said = document.getElementById('announcements');
            new MutationObserver(() => heard.push(said.textContent.replace('\\u200b', '')))
            .observe(said, {childList: true, characterData: true, subtree: true});""")
    b.ask("Write a long text on bucket brigades.", 180)
    heard = b.js("return heard")
    assert any("Answering" in words for words in heard) and any("complete" in words for words in heard), heard
    assert len(heard) < 8, heard
    assert not b.all(".messages[aria-live], .thread[aria-live]")


def contrast(b):
    """Texts whose contrast with what is behind them is below WCAG AA."""
    return b.js("""
        const canvas = new OffscreenCanvas(1, 1).getContext('2d', {willReadFrequently: true});
        const read = color => {
          canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = color; canvas.fillRect(0, 0, 1, 1);
          return [...canvas.getImageData(0, 0, 1, 1).data]; };
        const over = (a, b) => {
          const t = a[3] / 255; return [0, 1, 2].map(i => a[i] * t + b[i] * (1 - t)).concat(255); };
        const light = c => {
          const [r, g, b] = c.map(v => { v /= 255; return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; });
          return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
        const ground = e => {
          const layers = [];
          for (; e; e = e.parentElement) {
            layers.push(read(getComputedStyle(e).backgroundColor)); if (layers.at(-1)[3] === 255) break; }
          return layers.reverse().reduce((below, layer) => over(layer, below), [255, 255, 255, 255]); };
        const bad = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
        for (let n; n = walker.nextNode();) {
          const e = n.parentElement;
          if (!n.data.trim() || !e.checkVisibility({opacityProperty: true, visibilityProperty: true}) ||
            e.closest('.visually-hidden, .skip, noscript, :disabled')) continue;
          const style = getComputedStyle(e), behind = ground(e);
          const a = light(over(read(style.color), behind)), c = light(behind);
          const ratio = (Math.max(a, c) + 0.05) / (Math.min(a, c) + 0.05), large = parseFloat(style.fontSize) >= 24;
          if (ratio < (large ? 3 : 4.5))
            bad.push(`${n.data.trim().slice(0, 30)} ${ratio.toFixed(2)} ${style.color} on ${behind}`);
        }
        return bad;""")


def contrast_everywhere(b):
    b.ask("Show code and think, please")
    b.ask("fail")
    b.ask("table")
    b.click("#open-panel")
    assert contrast(b) == []
    for fragment in ("#/models", "#/cluster"):
        b.go(fragment)
        time.sleep(0.8)
        assert contrast(b) == []


@case(mock=True)
def light_has_contrast_enough(b, _):
    contrast_everywhere(b)


@case(mock=True, dark=True)
def dark_has_contrast_enough(b, _):
    contrast_everywhere(b)
    before = b.js("return getComputedStyle(document.body).backgroundColor")
    b.click("#theme")
    assert b.js("return document.documentElement.dataset.theme") == "light"
    assert b.js("return getComputedStyle(document.body).backgroundColor") != before
    b.driver.refresh()
    assert b.js("return document.documentElement.dataset.theme") == "light", "a chosen theme lasts"


@case(mock=True, width=360, height=740)
def a_phone_never_scrolls_sideways(b, _):
    fits = """return document.documentElement.scrollWidth <= innerWidth &&
        [...document.querySelectorAll('.view:not([hidden]) *')].every(e =>
        e.closest('pre, .table-scroll, .math-block, .math-display, .conversations, math, svg, .visually-hidden') ||
        !e.checkVisibility() || e.getBoundingClientRect().right <= innerWidth + 1)"""
    assert b.js(fits)
    for prompt in ("code", "maths", "table", "inject", "echo: " + "w" * 300):
        b.one("#prompt").send_keys(prompt)
        b.click("#send")
        b.wait("the answer to begin", lambda: b.all(".answer"))
        b.done()
        assert b.js(fits), prompt
    for fragment in ("#/models", "#/cluster"):
        b.go(fragment)
        time.sleep(0.8)
        assert b.js(fits), fragment
    assert b.js("return document.getElementById('sidebar').inert")
    b.click(".view:not([hidden]) .open-sidebar")
    assert not b.js("return document.getElementById('sidebar').inert")
    b.press(Keys.ESCAPE)
    assert b.js("return document.getElementById('sidebar').inert")


CASES = [value for value in list(globals().values()) if callable(value) and hasattr(value, "options")]
