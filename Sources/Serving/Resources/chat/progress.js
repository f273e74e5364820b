// What happens before the first word: sent, waiting in the queue, reading the prompt.

import { h } from "../shell/dom.js";
import { count } from "../shell/format.js";

export class AnswerProgress {
  constructor() {
    this.words = h("span", {});
    this.bar = h("progress", { "aria-label": "Prompt read" });
    this.dots = h("span", { class: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i"));
    this.element = h("div", { class: "answer-progress", hidden: true }, this.dots, this.words, this.bar);
  }

  /** `answer` is null when it is over. */
  show(answer) {
    const shown = answer !== null && ["sent", "starting", "queued", "reading"].includes(answer.phase);
    this.element.hidden = !shown;
    if (!shown) return;
    const { done, total } = answer.read;
    this.words.textContent = {
      sent: "Sent",
      starting: answer.start,
      queued: answer.before === 0 ? "Waiting, next in line" : `Waiting, ${answer.before} before you`,
      reading: `Reading the prompt, ${count(done)} of ${count(total)} tokens`,
    }[answer.phase];
    this.bar.hidden = answer.phase !== "reading";
    if (total > 0) { this.bar.max = total; this.bar.value = done; }
  }
}
