"""The chat: sending, streaming, thinking, stopping, changing, keeping."""
import json, time

from selenium.webdriver.common.keys import Keys

from cases import case

LAST = ".answer:last-child .prose:not(.thinking-text)"


@case()
def an_answer_streams_and_shows_its_figures(b):
    b.send("Write a long text on bucket brigades.")
    first = b.wait("the first words", lambda: b.text(LAST))
    b.wait("more words", lambda: len(b.text(LAST)) > len(first) + 20 or not b.live())
    b.done(180)
    assert "token" in b.text(".answer .figures"), b.text(".answer .figures")
    assert b.one("#send").get_attribute("aria-label") == "Send"


@case(mock=True)
def thinking_is_open_while_it_streams_and_folds_with_its_time(b, _):
    b.send("Please think first.")
    b.wait("thinking", lambda: b.all(".thinking[open]"))
    assert "Thinking" in b.text(".thinking summary")
    b.wait("the answer", lambda: b.text(LAST))
    assert not b.all(".thinking[open]"), "thinking stays open when the answer begins"
    b.done()
    assert "Thought for" in b.text(".thinking summary")
    b.click(".thinking summary")
    assert "slowest decides" in b.one(".thinking-text").text
    assert b.all(".thinking-text math"), "maths in thinking is set"
    b.click(".thinking summary")
    assert not b.all(".thinking[open]")


@case(mock=True)
def what_the_reader_chose_for_thinking_stays(b, _):
    b.send("Please think first.")
    b.wait("thinking", lambda: b.all(".thinking[open]"))
    b.click(".thinking summary")
    b.done()
    assert not b.all(".thinking[open]")
    b.new()
    b.send("Please think first.")
    b.wait("thinking", lambda: b.all(".thinking[open]"))
    b.click(".thinking summary")
    b.click(".thinking summary")
    b.done()
    assert b.all(".thinking[open]"), "opened by hand, it must not fold"


@case(mock=True, speed=1)
def waiting_and_prompt_progress_are_told(b, _):
    b.send("queue and read this")
    b.wait("its place", lambda: "3 before you" in b.text(".answer-progress"))
    b.wait("the prompt", lambda: "Reading the prompt" in b.text(".answer-progress"))
    assert b.one(".answer-progress progress").is_displayed()
    b.done()
    assert not b.one(".answer-progress").is_displayed()


@case()
def escape_stops_and_keeps_what_came(b):
    b.send("Write a long text on bucket brigades.")
    b.wait("some words", lambda: len(b.text(LAST)) > 10)
    b.press(Keys.ESCAPE)
    b.done(10)
    assert "Stopped" in b.text(".answer .note")
    kept = b.text(LAST)
    time.sleep(0.5)
    assert len(kept) > 10 and b.text(LAST) == kept


@case()
def an_answer_is_made_again(b):
    b.ask("Say something short.")
    b.click(".answer .tools button:nth-child(2)")
    b.done(180)
    assert len(b.all(".message")) == 2
    assert len(b.text(LAST)) > 0


@case()
def an_edited_question_replaces_what_followed(b):
    b.ask("First question, echo: one")
    b.ask("Second question, echo: two")
    b.click(".question .tools button")
    field = b.one(".editor textarea")
    field.send_keys(Keys.CONTROL + "a" + Keys.NULL)
    field.send_keys("Another question, echo: three")
    field.send_keys(Keys.ENTER)
    b.wait("the edit", lambda: "Another" in b.text(".question .bubble"))
    b.done(180)
    assert len(b.all(".message")) == 2
    b.press(Keys.ARROW_UP)
    assert b.one(".editor textarea").get_attribute("value").startswith("Another"), "arrow up edits the last message"
    b.press(Keys.ESCAPE)
    assert not b.all(".editor")


@case()
def a_deleted_message_comes_back(b):
    b.ask("Say something short.")
    b.click(".question .tools button:last-child")
    assert b.all(".message") == []
    b.click(".notice button")
    assert len(b.all(".message")) == 2


@case()
def a_conversation_is_found_after_a_reload(b):
    answer = b.ask("Say something short about apples.")
    address = b.driver.current_url
    assert "#/chat/" in address
    b.wait("it to be stored", lambda: any("tokens" in c["messages"][-1] for c in b.stored()), 5)
    b.driver.get("about:blank")
    b.driver.get(address)
    b.wait("its messages", lambda: len(b.all(".message")) == 2)
    assert b.text(LAST) == answer
    assert "apples" in b.text(".conversations .current")


@case()
def the_list_is_searched_and_titles_changed_and_deletion_undone(b):
    b.ask("Say something about apples.")
    b.new()
    b.ask("Say something about bears.")
    assert len(b.all(".conversations li")) == 2
    b.one("#search").send_keys("apples")
    assert len(b.all(".conversations li")) == 1
    b.press((Keys.CONTROL, "a"), Keys.DELETE)
    b.click(".conversations .current [title=Rename]")
    b.one("dialog input").send_keys(Keys.CONTROL + "a" + Keys.NULL, "Grizzly", Keys.ENTER)
    b.wait("the title", lambda: b.text("#chat-title") == "Grizzly")
    b.click(".conversations .current [title=Delete]")
    b.wait("the deletion", lambda: len(b.all(".conversations li")) == 1)
    b.click(".notice button")
    b.wait("its return", lambda: len(b.all(".conversations li")) == 2)
    assert "Grizzly" in "".join(b.texts(".conversations li"))


@case()
def conversations_leave_as_a_file_and_return(b):
    b.ask("Say something about apples.")
    before = b.texts(".message")
    b.click("#export")
    file = b.wait("the file", lambda: next(iter(b.downloads.glob("*.json")), None))
    assert json.loads(file.read_text())["format"] == "brigade-conversations"
    b.click(".conversations .current [title=Delete]")
    b.wait("the deletion", lambda: not b.all(".conversations li"))
    b.one("#import-file").send_keys(str(file))
    b.wait("its return", lambda: len(b.all(".conversations li")) == 1)
    b.click(".conversations a")
    b.wait("its messages", lambda: len(b.all(".message")) == 2)
    assert b.texts(".message .prose, .message .bubble") != [] and len(b.texts(".message")) == len(before)
    wrong = b.downloads / "wrong.json"
    wrong.write_text(
        '{"format": "brigade-conversations", "version": 1, "conversations": [{"messages": [{"role": "root"}]}]}')
    b.one("#import-file").send_keys(str(wrong))
    b.wait("the refusal", lambda: "without role or text" in b.text(".notice.bad"))
    assert len(b.all(".conversations li")) == 1


@case(mock=True)
def several_conversations_run_at_once(b, _):
    b.send("long apples")
    b.wait("words", lambda: b.text(LAST))
    b.new()
    b.send("long bears")
    b.wait("words", lambda: b.text(LAST))
    assert len(b.all(".dot.running")) == 2
    seen = len(b.text(LAST))
    b.js("document.querySelector('.conversations li:not(.current) a').click()")
    b.wait("the other", lambda: "apples" in b.text(".bubble"))
    b.wait("both to end", lambda: not b.all(".dot.running"), 60)
    assert b.all(".dot.unread"), "an answer that ended out of sight is marked"
    b.js("document.querySelector('.conversations li:not(.current) a').click()")
    b.wait("the second", lambda: "bears" in b.text(".bubble"))
    assert len(b.text(LAST)) > seen and "Part 12" in b.text(LAST)


@case(mock=True)
def settings_go_with_the_request(b, _):
    b.click("#open-panel")
    b.wait("defaults", lambda: b.one("#setting-temperature").get_attribute("placeholder") == "0.6")
    b.one("#system").send_keys("Be brief.")
    b.one("#setting-temperature").send_keys("5")
    b.one("#prompt").send_keys("hello", Keys.ENTER)
    assert not b.all(".message"), "a bad setting must not be sent"
    assert b.one("#setting-temperature").get_attribute("aria-invalid") == "true"
    b.one("#setting-temperature").send_keys(Keys.CONTROL + "a" + Keys.NULL, "0.2")
    b.one("#setting-seed").send_keys("7")
    b.one("#setting-max_tokens").send_keys("8")
    b.one("#stop").send_keys("END")
    b.ask("hello")
    sent = b.fetch("mock/last")
    assert sent["messages"] == [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "hello"}], sent
    assert (sent["temperature"], sent["seed"], sent["max_tokens"], sent["stop"]) == (0.2, 7, 8, ["END"])
    assert "top_p" not in sent and sent["stream_options"] == {"include_usage": True}
    assert "Cut at the most tokens" in b.text(".note")
    b.new()
    assert b.one("#setting-seed").get_attribute("value") == "", "settings belong to their conversation"


@case(mock=True)
def one_reads_above_while_below_it_grows(b, _):
    b.send("long text")
    b.wait("more than a page",
           lambda: b.js("const t = document.getElementById('thread'); return t.scrollHeight > t.clientHeight + 400"))
    at_end = "const t = document.getElementById('thread'); return t.scrollHeight - t.scrollTop - t.clientHeight < 30"
    assert b.js(at_end), "it follows at first"
    b.js("document.getElementById('thread').scrollTop = 50")
    time.sleep(0.3)
    top = b.js("return document.getElementById('thread').scrollTop")
    time.sleep(1)
    assert b.live() and b.js("return document.getElementById('thread').scrollTop") == top, "it stays where one reads"
    b.click("#to-latest")
    time.sleep(0.4)
    assert b.js(at_end), "and follows again when asked to"
    b.done()


@case(mock=True)
def failures_keep_the_partial_answer(b, server):
    b.send("busy")
    b.wait("the refusal", lambda: "Try again in 7 s" in b.text(".failure"))
    b.ask("fail in the middle")
    assert "kitchen was lost" in b.text(".answer:last-child .failure") and "nobody walks" in b.text(LAST)
    assert len(b.all(".answer")) == 1, "an answer without a word goes when the talk goes on"
    b.ask("break in the middle")
    assert "broke off" in b.text(".answer:last-child .failure") and "nobody walks" in b.text(LAST)
    assert b.all(".answer:last-child .retry")


@case(mock=True)
def a_server_that_is_gone_is_told_and_found_again(b, server):
    b.ask("hello")
    server.stop()
    b.send("are you there?")
    b.wait("the banner", lambda: "does not answer" in b.text(".banner"))
    assert "cannot be reached" in b.text(".answer:last-child .failure")
    server.restart()
    b.click(".banner button")
    b.wait("the banner to go", lambda: not b.all(".banner"))
    b.click(".answer:last-child .retry")
    b.done()
    assert "nobody walks" in b.text(LAST)


@case(mock=True)
def a_conversation_deleted_while_it_runs_stays_deleted(b, _):
    b.send("long apples")
    b.wait("words", lambda: b.text(LAST))
    b.click(".conversations .current [title=Delete]")
    time.sleep(1.5)
    assert not b.all(".conversations li") and b.stored() == []


@case(mock=True)
def an_answer_cut_off_by_a_reload_is_kept_and_says_so(b, _):
    b.send("long apples")
    b.wait("words to be stored", lambda: any(c["messages"][-1]["content"] for c in b.stored()))
    b.js("window.addEventListener('beforeunload', e => e.stopImmediatePropagation(), true)")
    address = b.driver.current_url
    b.driver.get("about:blank")
    b.driver.get(address)
    b.wait("its messages", lambda: len(b.all(".message")) == 2)
    assert "nobody" in b.text(LAST) and "Cut off" in b.text(".note")


@case(mock=True)
def an_answer_made_in_two_tabs_is_seen_in_both(b, _):
    b.ask("apples, echo: one")
    address, first = b.driver.current_url, b.driver.current_window_handle
    b.driver.switch_to.new_window("tab")
    b.driver.get(address)
    b.wait("its messages", lambda: len(b.all(".message")) == 2)
    b.ask("bears, echo: two")
    time.sleep(1.2)
    b.driver.switch_to.window(first)
    b.wait("the other tab's message", lambda: len(b.all(".message")) == 4, 10)


CASES = [value for value in list(globals().values()) if callable(value) and hasattr(value, "options")]
