// The conversations in the sidebar: newest first under their days, searched, renamed, deleted with a way back.

import { byId, h } from "../shell/dom.js";
import { icon } from "../shell/icons.js";
import { ask, notify } from "../shell/notices.js";
import { dayGroup } from "../shell/format.js";
import { matches, titleOf } from "./conversation.js";
import { runOf, stopRun } from "./runs.js";
import { allConversations, conversation, forget, keep, whenChangedElsewhere } from "./store.js";

export function startList(chat) {
  const container = byId("conversations"), search = byId("search");

  function refresh() {
    const found = allConversations().filter((each) => each.messages.length > 0 && matches(each, search.value));
    const focused = container.contains(document.activeElement) ? document.activeElement.dataset.key : null;
    const groups = new Map();
    for (const each of found) {
      const name = dayGroup(each.updated);
      if (!groups.has(name)) groups.set(name, []);
      groups.get(name).push(row(each));
    }
    container.replaceChildren(...[...groups].flatMap(([name, rows]) => [h("h2", {}, name), h("ul", {}, rows)]));
    if (found.length === 0)
      container.append(
        h("p", { class: "list-empty" },
          search.value ? "No conversation has these words."
            : "Your conversations will be listed here. They stay in this browser."));
    if (focused) container.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus();
  }

  function row(each) {
    const title = titleOf(each), current = chat.currentID() === each.id;
    const state = runOf(each.id) ? h("span", { class: "dot running", role: "img", "aria-label": "answering" })
      : chat.unread.has(each.id) ? h("span", { class: "dot unread", role: "img", "aria-label": "new answer" }) : null;
    return h("li", { class: current ? "current" : "" },
      h("a", { href: `#/chat/${each.id}`, "aria-current": current ? "true" : null, "data-key": each.id, title }, state,
        h("span", { class: "row-title" }, title)),
      h("span", { class: "row-actions" },
        h("button", { class: "quiet icon-button", type: "button", "aria-label": `Rename ${title}`, title: "Rename",
          "data-key": `${each.id} rename`, on: { click: () => rename(each.id) } }, icon("edit")),
        h("button", { class: "quiet icon-button", type: "button", "aria-label": `Delete ${title}`, title: "Delete",
          "data-key": `${each.id} delete`, on: { click: () => remove(each.id) } }, icon("trash"))));
  }

  async function rename(id) {
    const each = conversation(id);
    const title = await ask("Rename conversation", { label: "Title", value: titleOf(each), button: "Rename" });
    if (title === null) return;
    each.title = title.trim().slice(0, 200);
    keep(each);
    chat.refreshHead();
    refresh();
  }

  function remove(id) {
    const each = conversation(id);
    stopRun(id);
    forget(id);
    if (chat.currentID() === id) chat.startNew();
    refresh();
    container.focus();
    notify("Conversation deleted", { undo: () => { keep(each); refresh(); } });
  }

  search.addEventListener("input", refresh);
  search.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && search.value) {
      search.value = ""; refresh(); event.preventDefault(); event.stopPropagation();
    }
    if (event.key === "Enter" || event.key === "ArrowDown") {
      container.querySelector("a")?.focus(); event.preventDefault();
    }
  });
  container.addEventListener("keydown", (event) => {
    if (event.altKey || !["ArrowDown", "ArrowUp"].includes(event.key)) return;
    const links = [...container.querySelectorAll("a")];
    const next = links[links.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1)];
    (next ?? (event.key === "ArrowUp" ? search : null))?.focus();
    event.preventDefault();
  });
  chat.whenListChanges(refresh);
  whenChangedElsewhere((id) => { refresh(); chat.changedElsewhere(id); });
  refresh();
}
