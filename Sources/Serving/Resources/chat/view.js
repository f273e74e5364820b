// The chat: which conversation is open, and what people do with it.

import { byId } from "../shell/dom.js";
import { icon } from "../shell/icons.js";
import { notify } from "../shell/notices.js";
import { say } from "../shell/announce.js";
import { counted } from "../shell/format.js";
import { modelFor, refreshModels, server, whenModelsChange } from "../net/server.js";
import { startComposer } from "./composer.js";
import { newConversation, newMessage, titleOf } from "./conversation.js";
import { startModelSelect } from "./model-select.js";
import { startPanel } from "./panel.js";
import { runOf, startRun, stopRun } from "./runs.js";
import { allConversations, conversation, keep, saveNow } from "./store.js";
import { Thread } from "./thread.js";

export function startChat() {
  let current = newConversation();
  let visible = false;
  let listRefresh = () => {};
  const unread = new Set();
  const actions = { edit, regenerate, remove, suggest };
  const thread = new Thread(actions);
  const composer = startComposer({ send, stop, editLast });
  const modelSelect = startModelSelect((name) => { current.model = name; keepIfBegun(); panel.show(current); });
  const panel = startPanel(() => { keepIfBegun(); refreshHead(); });

  function open(next) {
    if (next !== current) { composer.leave(current.id); panel.flush(); }
    current = next;
    unread.delete(current.id);
    thread.show(current, runOf(current.id));
    composer.enter(current.id);
    panel.show(current);
    refreshHead();
    listRefresh();
  }

  function show(id) {
    visible = true;
    const found = id === null ? null : conversation(id);
    // The way back to "Chat" leads to the conversation that was open.
    if (found) open(found);
    else if (id !== null) { notify("This conversation is not in this browser", { bad: true }); startNew(); }
    else if (current.messages.length > 0 && conversation(current.id)) location.replace(`#/chat/${current.id}`);
    else open(current);
    if (matchMedia("(hover: hover)").matches) composer.focus();
  }

  function startNew({ model = current.model } = {}) {
    const next = newConversation(server.served.includes(model) || server.installed.some(({ name }) => name === model)
      ? model : null);
    open(next);
    if (location.hash !== "#/" && location.hash !== "") location.hash = "#/";
    composer.focus();
  }

  function refreshHead() {
    const title = titleOf(current);
    byId("chat-title").textContent = title;
    if (visible) document.title = current.messages.length > 0 ? `${title} · Brigade` : "Brigade";
    modelSelect.show(current);
    composer.setRunning(runOf(current.id) !== null);
    panel.mark(current);
  }

  function keepIfBegun() {
    if (current.messages.length > 0) keep(current);
  }

  /** Sends a message; false if it cannot be sent now, so that its text stays where it is. */
  function send(text) {
    if (runOf(current.id)) { notify("Wait for the answer, or stop it"); return false; }
    if (!panel.flush()) { panel.open(); return false; }
    if (!modelFor(current)) {
      notify("The server has no model yet. Pull one under Models.", { bad: true }); refreshModels(); return false;
    }
    dropFailed(current);
    current.messages.push(newMessage("user", text));
    thread.follow();
    run(current);
    return true;
  }

  /** An answer that failed before its first word leaves no trace once the conversation goes on. */
  function dropFailed(of) {
    const last = of.messages.at(-1);
    if (last?.role === "assistant" && !last.content && last.error) of.messages.pop();
  }

  function run(of) {
    of.model ??= modelFor(of);
    const began = of.messages.length;
    let phase = null;
    keep(of);
    startRun(of, of.model, (answer) => {
      // A conversation deleted meanwhile must not come back with its last word.
      if (conversation(of.id) === of) keep(of);
      const inView = of === current && visible;
      if (of === current) thread.update(answer);
      if (answer.phase === phase) return;
      phase = answer.phase;
      if (answer.isOver) saveNow();
      if (answer.isOver && !inView) unread.add(of.id);
      announce(answer, inView, titleOf(of));
      listRefresh();
      if (of === current) refreshHead();
    });
    // The run has appended its answer; show both it and the question.
    if (of === current) thread.show(of, runOf(of.id));
    if (began > 0 && visible && of === current) history.replaceState(null, "", `#/chat/${of.id}`);
    refreshHead();
    listRefresh();
  }

  function stop() {
    if (!runOf(current.id)) return false;
    stopRun(current.id);
    return true;
  }

  function regenerate(message) {
    if (runOf(current.id)) return;
    const at = current.messages.indexOf(message);
    if (at < 0) return;
    current.messages.length = at;
    thread.follow();
    run(current);
  }

  function edit(message, text) {
    if (runOf(current.id)) { notify("Stop the answer before editing"); return; }
    const at = current.messages.indexOf(message);
    current.messages.length = at;
    current.messages.push(newMessage("user", text));
    thread.follow();
    run(current);
    composer.focus();
  }

  function editLast() {
    const last = current.messages.findLast(({ role }) => role === "user");
    if (last && !runOf(current.id)) thread.beginEdit(last);
  }

  function remove(message) {
    if (runOf(current.id)) { notify("Stop the answer before deleting"); return; }
    const of = current, at = of.messages.indexOf(message);
    const answered = message.role === "user" && of.messages[at + 1]?.role === "assistant";
    const gone = of.messages.splice(at, answered ? 2 : 1);
    const refresh = () => { keep(of); if (of === current) thread.show(of, null); listRefresh(); };
    refresh();
    byId("thread").focus();
    notify(answered ? "Message and its answer deleted" : "Message deleted",
      { undo: () => { of.messages.splice(at, 0, ...gone); refresh(); } });
  }

  function suggest(text) {
    composer.set(text);
    composer.focus();
  }

  const button = byId("open-panel");
  button.append(icon("sliders"));
  byId("new-chat").addEventListener("click", () => startNew());
  whenModelsChange(() => { if (server.loaded) { refreshHead(); panel.show(current); thread.refreshEmpty(); } });

  return {
    unread, show, startNew, refreshHead,
    hide() { visible = false; },
    currentID: () => current.id,
    whenListChanges(action) { listRefresh = action; },
    listChanged: () => listRefresh(),
    changedElsewhere(id) {
      if (id !== current.id) return;
      const found = conversation(id);
      if (found) open(found);
    },
    focusPrompt() {
      location.hash.startsWith("#/m") || location.hash.startsWith("#/cl") ? (location.hash = "#/") : composer.focus();
    },
    togglePanel: () => panel.toggle(),
    /** What Esc does here; false if nothing. */
    escape() { return thread.cancelEdit() || (visible && stop()) || panel.close(); },
    openNeighbour(step) {
      const all = allConversations().filter(({ messages }) => messages.length > 0);
      const next = all[Math.max(0, Math.min(all.length - 1, all.findIndex(({ id }) => id === current.id) + step))];
      if (next) location.hash = `#/chat/${next.id}`;
    },
  };
}

function announce(answer, inView, title) {
  const words = {
    starting: "Waiting for the cluster to start", queued: "Waiting for a place", reading: "Reading the prompt",
    thinking: "Thinking", answering: "Answering",
    done: `The answer is complete, ${counted(answer.tokens, "token")}`, stopped: "Stopped",
    failed: `The answer failed. ${answer.message.error}`,
  }[answer.phase];
  if (words && (inView || answer.isOver)) say(inView ? words : `${title}: ${words}`);
}
