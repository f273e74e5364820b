// One message on the page: a question with its editor, or an answer with its thinking, its figures and its actions.

import { h } from "../shell/dom.js";
import { icon } from "../shell/icons.js";
import { copyButton } from "../shell/copy.js";
import { LiveMarkdown } from "../text/live-markdown.js";
import { answerFigures } from "./figures.js";
import { AnswerProgress } from "./progress.js";
import { Thinking } from "./thinking.js";

export class MessageView {
  constructor(message, actions) {
    this.message = message;
    this.actions = actions;
    this.editor = null;
    if (message.role === "user") this.makeQuestion(); else this.makeAnswer();
  }

  makeQuestion() {
    // What people write is shown as they wrote it.
    const long = this.message.content.length > 3000 || this.message.content.split("\n").length > 40;
    this.body = h("div", { class: long ? "bubble long" : "bubble", tabindex: long ? "0" : null }, this.message.content);
    this.tools = h("div", { class: "tools" },
      tool("edit", "Edit", () => this.beginEdit()), copyButton(() => this.message.content, "Copy message"),
      tool("trash", "Delete", () => this.actions.remove(this.message)));
    this.element = h("article", { class: "message question", "aria-label": "You" }, this.body, this.tools);
  }

  makeAnswer() {
    this.body = h("div", { class: "prose" });
    this.live = new LiveMarkdown(this.body);
    this.thinking = new Thinking();
    this.progress = new AnswerProgress();
    this.figures = h("span", { class: "figures" });
    this.after = h("div", { class: "after" });
    this.again = tool("redo", "Again", () => this.actions.regenerate(this.message));
    this.copy = copyButton(() => this.message.content, "Copy answer");
    this.tools = h("div", { class: "tools" }, this.copy, this.again,
      tool("trash", "Delete", () => this.actions.remove(this.message)), this.figures);
    this.element = h("article", { class: "message answer", "aria-label": "Answer" },
      this.progress.element, this.thinking.element, this.body, this.after, this.tools);
    this.showAnswer(null);
  }

  /** Shows the answer as far as it has come. */
  update(answer) {
    this.showAnswer(answer.isOver ? null : answer);
  }

  showAnswer(answer) {
    const message = this.message, live = answer !== null;
    this.element.setAttribute("aria-busy", live);
    this.element.classList.toggle("live", live);
    this.progress.show(answer);
    this.thinking.show(message, answer);
    this.live.update(message.content);
    this.figures.textContent = answerFigures(message, answer);
    this.figures.title = answerFigures(message, answer, true);
    this.copy.hidden = message.content === "";
    if (!live) {
      this.again.hidden ||= message.error !== undefined;
      this.after.replaceChildren(...[
        message.note && h("p", { class: "note" }, message.note),
        message.error && h("div", { class: "failure" }, icon("warning"), h("span", {}, message.error),
          h("button", { type: "button", class: "small secondary retry",
            on: { click: () => this.actions.regenerate(message) } }, "Try again")),
      ].filter(Boolean));
    }
  }

  /** Only the last answer can be asked for again. */
  setLast(last) {
    this.element.classList.toggle("last", last);
    // After a failure "Try again" stands beside its words.
    if (this.again) this.again.hidden = !last || this.message.error !== undefined;
    const retry = this.after?.querySelector(".retry");
    if (retry) retry.hidden = !last;
  }

  beginEdit() {
    if (this.editor) return;
    const field = h("textarea", { "aria-label": "Edit message", rows: 1 });
    field.value = this.message.content;
    const grow = () => { field.style.height = "auto"; field.style.height = `${field.scrollHeight}px`; };
    const send = () => {
      const text = field.value.trim();
      if (!text) return;
      this.cancelEdit();
      this.actions.edit(this.message, text);
    };
    field.addEventListener("input", grow);
    field.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); send(); }
      if (event.key === "Escape") { event.preventDefault(); event.stopPropagation(); this.cancelEdit(); }
    });
    this.editor = h("div", { class: "editor" }, field, h("div", { class: "editor-row" },
      h("span", { class: "hint" }, "What follows is replaced."),
      h("button", { type: "button", class: "small secondary", on: { click: () => this.cancelEdit() } }, "Cancel"),
      h("button", { type: "button", class: "small primary", on: { click: send } }, "Send")));
    this.body.replaceWith(this.editor);
    this.tools.hidden = true;
    grow();
    field.focus();
    field.setSelectionRange(field.value.length, field.value.length);
  }

  /** True if there was an edit to give up. */
  cancelEdit() {
    if (!this.editor) return false;
    this.editor.replaceWith(this.body);
    this.editor = null;
    this.tools.hidden = false;
    this.tools.querySelector("button").focus();
    return true;
  }
}

function tool(symbol, label, action) {
  return h("button", { type: "button", class: "quiet small", on: { click: action } }, icon(symbol),
    h("span", {}, label));
}
