// Keys that work everywhere, and the list of them.

import { byId, h } from "./dom.js";
import { icon } from "./icons.js";
import { showDialog } from "./notices.js";

const mac = /Mac|iP(hone|ad)/.test(navigator.platform);
const control = mac ? "⌘" : "Ctrl";

const keys = [
  ["Enter", "Send the message"], ["Shift Enter", "New line"], ["Esc", "Stop the answer, or close what is open"],
  ["↑", "In an empty field: edit your last message"], [`${control} Shift O`, "New conversation"],
  [`${control} K`, "Search conversations"],
  ["/", "Go to the message field"], ["Alt ↑  Alt ↓", "Conversation above, below"],
  [`${control} ,`, "Settings of the conversation"],
  ["Alt 1  2  3", "Chat, models, cluster"], ["?", "This list"],
];

export function startShortcuts(chat, sidebar) {
  const button = byId("shortcuts");
  button.append(icon("keyboard"));
  button.title = "Keyboard shortcuts";
  button.setAttribute("aria-label", "Keyboard shortcuts");
  button.addEventListener("click", showKeys);

  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.defaultPrevented || document.querySelector("dialog[open]")) return;
    const typing = event.target.matches?.("input, textarea, select");
    const command = mac ? event.metaKey : event.ctrlKey;
    const key = event.key.toLowerCase();
    let done = true;
    if (command && event.shiftKey && key === "o") chat.startNew();
    else if (command && key === "k") { sidebar.open(); byId("search").focus(); byId("search").select(); }
    else if (command && key === ",") chat.togglePanel();
    else if (event.altKey && (key === "arrowup" || key === "arrowdown")) chat.openNeighbour(key === "arrowup" ? -1 : 1);
    else if (event.altKey && /^Digit[123]$/.test(event.code)) location.hash =
      ["#/", "#/models", "#/cluster"][event.code.at(-1) - 1];
    else if (event.key === "Escape") done = chat.escape();
    else if (!typing && !command && !event.altKey && event.key === "/") chat.focusPrompt();
    else if (!typing && !command && !event.altKey && event.key === "?") showKeys();
    else done = false;
    if (done) event.preventDefault();
  });
}

function showKeys() {
  const list = h("dl", { class: "keys" }, keys.map(([combination, meaning]) => h("div", {},
    h("dt", {}, combination.split(" ").filter(Boolean).map((key) => h("kbd", {}, key))), h("dd", {}, meaning))));
  showDialog("Keyboard shortcuts", list, [{ value: "", label: "Close", kind: "secondary" }]);
}
