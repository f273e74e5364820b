// Copying to the clipboard, with the outcome said at the button and to screen readers.

import { h } from "./dom.js";
import { icon } from "./icons.js";
import { say } from "./announce.js";

export function copyButton(text, label) {
  const words = h("span", {}, "Copy");
  const button =
    h("button", { class: "quiet small", type: "button", "aria-label": label, on: { click: copy } },
      icon("copy"), words);
  return button;

  async function copy() {
    const done = await copyText(text());
    words.textContent = done ? "Copied" : "Not allowed";
    button.firstChild.replaceWith(icon(done ? "check" : "warning"));
    say(done ? "Copied" : "The browser did not allow copying");
    setTimeout(() => { words.textContent = "Copy"; button.firstChild.replaceWith(icon("copy")); }, 1600);
  }
}

/** Whether it went well. Pages served without TLS from another machine have no clipboard; the old way serves them. */
export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = h("textarea", { class: "visually-hidden", readonly: true });
    area.value = text;
    // Inside an open dialog only its own elements can be selected.
    const focused = document.activeElement;
    (document.querySelector("dialog[open]") ?? document.body).append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    focused?.focus();
    return done;
  }
}
