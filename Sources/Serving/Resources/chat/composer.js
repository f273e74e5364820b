// The field one writes in. Each conversation has its own draft.

import { byId } from "../shell/dom.js";
import { icon } from "../shell/icons.js";

export function startComposer({ send, stop, editLast }) {
  const field = byId("prompt"), button = byId("send");
  const drafts = new Map();
  let running = false;

  // On a phone's keyboard there is no Shift+Enter, so Enter breaks the line and the button sends.
  const touch = matchMedia("(hover: none) and (pointer: coarse)");
  const hint = () => { byId("hint").hidden = touch.matches; };
  touch.addEventListener("change", hint);
  hint();

  function grow() {
    field.style.height = "auto";
    field.style.height = `${field.scrollHeight}px`;
  }

  function refreshButton() {
    const label = running ? "Stop the answer" : "Send";
    if (button.getAttribute("aria-label") !== label) {
      button.replaceChildren(icon(running ? "stop" : "send"));
      button.setAttribute("aria-label", label);
      button.title = running ? "Stop (Esc)" : "Send (Enter)";
      button.classList.toggle("stops", running);
    }
    button.disabled = !running && field.value.trim() === "";
  }

  function submit() {
    if (running) { stop(); return; }
    if (field.value.trim() === "" || !send(field.value.trim())) return;
    field.value = "";
    grow();
    refreshButton();
    field.focus();
  }

  byId("composer").addEventListener("submit", (event) => { event.preventDefault(); submit(); });
  field.addEventListener("input", () => { grow(); refreshButton(); });
  field.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Enter" && !event.shiftKey && !event.altKey && !touch.matches) {
      event.preventDefault();
      // Enter never stops: it may be meant for the next message.
      if (running) send(field.value); else submit();
    }
    if (event.key === "ArrowUp" && !event.altKey && field.value === "") { editLast(); event.preventDefault(); }
  });

  const set = (text) => { field.value = text; grow(); refreshButton(); };
  refreshButton();
  return {
    set, focus: () => field.focus(),
    enter: (id) => set(drafts.get(id) ?? ""),
    leave: (id) => { if (field.value) drafts.set(id, field.value); else drafts.delete(id); },
    setRunning(now) { running = now; refreshButton(); },
  };
}
