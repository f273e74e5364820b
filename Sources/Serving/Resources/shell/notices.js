// Notices that go away by themselves, such as "Deleted", with the way back; and questions that need an answer.

import { byId, h } from "./dom.js";
import { say } from "./announce.js";

/** Shows a notice for some seconds. `undo` adds a button and more time. */
export function notify(text, { undo = null, bad = false } = {}) {
  const close = () => box.remove();
  const button = undo &&
    h("button", { type: "button", class: "quiet small", on: { click: () => { undo(); close(); } } }, "Undo");
  const box = h("div", { class: bad ? "notice bad" : "notice" }, h("span", {}, text), button);
  byId("notices").append(box);
  while (byId("notices").children.length > 3) byId("notices").firstChild.remove();
  say(undo ? `${text}. Undo is the last button of the page.` : text);
  let timer = setTimeout(close, undo ? 10_000 : 5000);
  // Nobody loses the way back while reading or reaching for it.
  for (const event of ["mouseenter", "focusin"]) box.addEventListener(event, () => clearTimeout(timer));
  for (const event of ["mouseleave", "focusout"]) box.addEventListener(event,
    () => { timer = setTimeout(close, 4000); });
}

/**
 * Opens a dialog with `content` and waits for it to close.
 *
 * @returns {Promise<string>} the value of the button that closed it, "" if it was dismissed
 */
export function showDialog(title, content, buttons = [], { wide = false } = {}) {
  return new Promise((resolve) => {
    const heading = h("h2", { id: "dialog-title" }, title);
    const actions = h("div", { class: "dialog-buttons" }, buttons.map(({ value, label, kind }, i) =>
      h("button", { value, class: kind ?? "", type: "submit",
        autofocus: i === 0 && !content.querySelector?.("input, textarea") }, label)));
    const form = h("form", { method: "dialog" }, heading, content, actions);
    const dialog = h("dialog", { class: wide ? "wide" : "", "aria-labelledby": "dialog-title" }, form);
    dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(""); });
    dialog.addEventListener("close", () => { dialog.remove(); resolve(dialog.returnValue); });
    document.body.append(dialog);
    dialog.showModal();
  });
}

/** Asks before something that cannot be taken back. */
export async function confirmed(title, text, label) {
  const answer = await showDialog(title, h("p", {}, text), [
    { value: "", label: "Cancel", kind: "secondary" }, { value: "yes", label, kind: "danger" },
  ]);
  return answer === "yes";
}

/** Asks for a line of text; null if dismissed. */
export async function ask(title, { label, value = "", type = "text", button, note = null }) {
  const input = h("input", { type, autocomplete: "off", autofocus: true, name: "answer" });
  input.value = value;
  const content = h("div", {}, note && h("p", {}, note), h("label", { class: "field" }, h("span", {}, label), input));
  const answer =
    showDialog(title, content,
      [{ value: "yes", label: button, kind: "primary" }, { value: "", label: "Cancel", kind: "secondary" }]);
  input.select();
  return (await answer) === "yes" ? input.value : null;
}
