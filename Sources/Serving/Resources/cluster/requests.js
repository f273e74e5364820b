// The requests under way, with how much of its prompt each has read.

import { h } from "../shell/dom.js";
import { count, counted } from "../shell/format.js";

export class RequestList {
  constructor() {
    this.list = h("ul", { class: "requests" });
    this.none = h("p", { class: "muted" }, "No request is under way.");
    this.element =
      h("section", { class: "card", "aria-labelledby": "requests-heading" },
        h("h2", { id: "requests-heading" }, "Requests"), this.list, this.none);
    this.rows = new Map();
  }

  update(requests) {
    this.none.hidden = requests.length > 0;
    const seen = new Set(requests.map(({ id }) => id));
    for (const [id, row] of this.rows) if (!seen.has(id)) { row.element.remove(); this.rows.delete(id); }
    for (const request of requests) {
      if (!this.rows.has(request.id)) {
        this.rows.set(request.id, new RequestRow()); this.list.append(this.rows.get(request.id).element);
      }
      this.rows.get(request.id).update(request);
    }
  }
}

class RequestRow {
  constructor() {
    this.id = h("code", { class: "request-id" });
    this.words = h("span", { class: "request-words" });
    this.bar = h("progress", { "aria-label": "Prompt read" });
    this.element = h("li", {}, this.id, this.bar, this.words);
  }

  update({ id, state, prompt_done: done = 0, prompt_total: total = 0, answer_tokens: answered }) {
    const reading = total > 0 && done < total;
    const waiting = state === undefined ? reading && done === 0 : /queue|wait/i.test(state);
    this.id.textContent = typeof id === "number" ? `Request ${id}` : String(id);
    this.bar.max = Math.max(1, total);
    this.bar.value = waiting ? 0 : done;
    this.words.textContent = waiting ? `waiting, prompt of ${count(total)} tokens`
      : reading ? `reading its prompt, ${count(done)} of ${count(total)} tokens`
        : answered > 0 ? `${counted(answered, "token")} for a prompt of ${count(total)}`
          : `answering a prompt of ${count(total)} tokens`;
  }
}
