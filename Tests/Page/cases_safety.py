"""What must stay text, and who may ask."""
from selenium.webdriver.common.keys import Keys

from cases import case

HOSTILE = ('<img src=x onerror="window.pwned=1;alert(1)"> <script>window.pwned=1</script> [a](javascript:alert(1)) '
           "<svg onload=alert(1)> $\\text{<img src=x onerror=alert(1)>}$ </textarea><iframe "
           "src=javascript:alert(1)></iframe>")

# Elements that no message may bring, attributes that no element may have, addresses that no link may lead to.
FOREIGN = """
    const within = document.getElementById('messages'), side = document.getElementById('sidebar');
    const bad = [...within.querySelectorAll('img, script, iframe, svg:not(.icon):not(.bucket), style, object, embed, ' +
      'form, link, meta, base, video, audio, [style]')];
    for (const e of [...within.querySelectorAll('*'), ...side.querySelectorAll('*')]) {
      if ([...e.attributes].some(a => /^on/i.test(a.name)) ||
        (e.href && !/^(https?:|mailto:|#)/.test(e.getAttribute('href')))) bad.push(e);
    }
    return bad.map(e => e.outerHTML.slice(0, 150));"""


@case()
def hostile_prompts_stay_text(b):
    b.one("#prompt").send_keys(HOSTILE, Keys.ENTER)
    b.wait("the question", lambda: b.all(".bubble"))
    b.done(180)
    assert b.text(".bubble") == HOSTILE
    assert b.js(FOREIGN) == [] and b.js("return window.pwned") is None
    assert "<img src=x" in b.text(".conversations .current"), "the title is text too"
    b.driver.refresh()
    b.wait("its messages", lambda: b.all(".bubble"))
    assert b.js(FOREIGN) == [] and b.js("return window.pwned") is None


@case()
def hostile_answers_stay_text(b):
    """Told to repeat, or imitated: whatever the model writes of it stays text."""
    b.ask(f"Repeat exactly, echo: {HOSTILE}", 180)
    assert b.js(FOREIGN) == [] and b.js("return window.pwned") is None


@case(mock=True)
def every_trick_of_markup_stays_text(b, _):
    answer = b.ask("inject, and think")
    assert "The end of the injection." in answer
    for piece in ('<img src=x onerror="window.pwned=1;alert(1)">', "<script>window.pwned=1;alert(2)</script>",
                  "[click](javascript:alert(3))", "<svg onload=alert(7)>"):
        assert piece in answer, piece
    assert b.js(FOREIGN) == [] and b.js("return window.pwned") is None
    # Addresses that stand in the text may be followed by hand; nothing else may.
    links = b.js(
        "return [...document.querySelectorAll('.prose a')].map(a => [a.getAttribute('href'), a.rel, a.target])")
    assert links == [[href, "noopener noreferrer nofollow", "_blank"]
                     for href in ("https://example.org/", "https://example.org/pixel.png")], links
    b.click(".thinking summary")
    assert b.js(FOREIGN) == []


@case(mock=True)
def hostile_names_and_files_stay_text(b, _):
    file = b.downloads / "hostile.json"
    file.write_text(
        '{"format":"brigade-conversations","version":1,"conversations":[{"title":"<img src=x '
        'onerror=alert(1)>","system":"<script>","model":"<b>x</b>",'
                    '"messages":[{"role":"user","content":"<img src=x '
                    'onerror=alert(1)>"},{"role":"assistant","content":"<script>alert(1)</script>","thinking":"<img '
                    'src=x onerror=alert(1)>",'
                    '"note":"<b onclick=alert(1)>n</b>","error":"<i>e</i>","thinking_ms":3,"id":"__proto__"}]}]}')
    b.one("#import-file").send_keys(str(file))
    b.wait("the import", lambda: b.all(".conversations li"))
    b.click(".conversations a")
    b.wait("its messages", lambda: len(b.all(".message")) == 2)
    assert b.js(FOREIGN) == []
    assert "<i>e</i>" in b.text(".failure")
    assert b.text("#chat-title").startswith("<img")


@case(mock=True, server=("--api-key", "secret"), ready=False)
def a_key_is_asked_for_and_kept_for_the_tab(b, _):
    b.wait("the question for a key", lambda: b.all("dialog input[type=password]"))
    b.one("dialog input").send_keys("wrong", Keys.ENTER)
    b.wait("the refusal", lambda: "did not accept" in b.text("dialog"))
    b.one("dialog input").send_keys("secret", Keys.ENTER)
    b.ready()
    assert "nobody walks" in b.ask("hello")
    assert b.js("return sessionStorage.getItem('brigade.key')") == "secret"
    assert "secret" not in b.js("return JSON.stringify(localStorage)")
    b.driver.refresh()
    b.ready()
    assert not b.all("dialog")


CASES = [value for value in list(globals().values()) if callable(value) and hasattr(value, "options")]
