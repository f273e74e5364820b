// Pulls under way: each with its progress, its speed and a way to stop it. They go on whatever view is on show.

import { call } from "../net/api.js";
import { jsonLines } from "../net/streams.js";
import { h, perFrame } from "../shell/dom.js";
import { icon } from "../shell/icons.js";
import { bytes, duration } from "../shell/format.js";
import { notify } from "../shell/notices.js";
import { PullProgress } from "./pull-progress.js";

export class Pulls {
  constructor(done) {
    this.done = done;
    this.element = h("ul", { class: "pulls", "aria-label": "Pulls under way" });
    this.names = new Set();
  }

  async start(name) {
    if (this.names.has(name)) { notify(`${name} is being pulled already`); return; }
    this.names.add(name);
    const abort = new AbortController();
    const row = new PullRow(name, () => abort.abort());
    const progress = new PullProgress();
    const show = perFrame(() => row.show(progress));
    this.element.append(row.element);
    try {
      const response =
        await call("api/pull", { method: "POST", body: { model: name, stream: true }, signal: abort.signal });
      for await (const line of jsonLines(response.body)) {
        progress.take(line, performance.now());
        show();
      }
      if (!progress.succeeded) throw new Error("The pull ended before its end.");
      notify(`${name} is installed`);
      row.element.remove();
      this.names.delete(name);
      await this.done();
    } catch (error) {
      this.names.delete(name);
      if (abort.signal.aborted) row.element.remove();
      else row.fail(error instanceof TypeError ? "The connection broke off." : error.message,
        () => { row.element.remove(); this.start(name); });
    }
  }
}

class PullRow {
  constructor(name, stop) {
    this.words = h("span", { class: "muted" }, "Asking for it…");
    this.bar = h("progress", { "aria-label": `Pull of ${name}` });
    this.tools = h("div", { class: "pull-tools" },
      h("button", { type: "button", class: "small secondary", "aria-label": `Stop pulling ${name}`,
        on: { click: stop } }, "Stop"));
    this.element =
      h("li", { class: "card pull" }, h("div", { class: "pull-words" }, h("strong", {}, name), this.bar, this.words),
        this.tools);
  }

  show(progress) {
    const { completed, total, status, perSecond } = progress;
    if (total > 0) { this.bar.max = total; this.bar.value = completed; } else this.bar.removeAttribute("value");
    const left = perSecond > 0 && completed < total
      ? `, ${duration((1000 * (total - completed)) / perSecond)} left` : "";
    this.words.textContent = total > 0 && completed < total
      ? `${bytes(completed)} of ${bytes(total)}${perSecond > 0 ? `, ${bytes(perSecond)}/s` : ""}${left}` : status;
  }

  fail(message, again) {
    this.bar.remove();
    this.words.replaceChildren(h("span", { class: "failure", role: "alert" }, icon("warning"), message));
    this.tools.replaceChildren(
      h("button", { type: "button", class: "small secondary", on: { click: again } }, "Try again"),
      h("button", { type: "button", class: "small quiet", on: { click: () => this.element.remove() } }, "Dismiss"));
  }
}
