// The thinking before an answer: open while it is written, folded when the answer begins, then as the reader has it.

import { h } from "../shell/dom.js";
import { icon } from "../shell/icons.js";
import { duration } from "../shell/format.js";
import { LiveMarkdown } from "../text/live-markdown.js";

export class Thinking {
  constructor() {
    this.label = h("span", {});
    this.text = h("div", { class: "prose thinking-text" });
    this.markdown = new LiveMarkdown(this.text);
    this.summary = h("summary", {}, icon("chevron"), this.label);
    this.element = h("details", { class: "thinking", hidden: true }, this.summary, this.text);
    this.chosen = false;
    this.summary.addEventListener("click", () => { this.chosen = true; });
    this.element.addEventListener("toggle", () => { if (this.element.open) this.fill(); });
    this.source = "";
  }

  show(message, answer) {
    if (!message.thinking) return;
    const live = answer?.phase === "thinking";
    this.element.hidden = false;
    this.element.classList.toggle("live", live);
    const time = duration(message.thinking_ms ?? 0);
    const words = live ? `Thinking, ${time}` : message.thinking_ms !== undefined ? `Thought for ${time}` : "Thoughts";
    if (this.label.textContent !== words) this.label.textContent = words;
    if (!this.chosen && this.element.open !== live) this.element.open = live;
    this.source = message.thinking;
    if (this.element.open) this.fill();
    // While it is written the box is low and shows its end.
    if (live) this.text.scrollTop = this.text.scrollHeight;
  }

  /** Folded thinking is not set at all: it may be long, and most is never read. */
  fill() {
    this.markdown.update(this.source);
  }
}
