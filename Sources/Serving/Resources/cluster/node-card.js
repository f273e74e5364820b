// One node: its health, its layers among all, its memory, its times.

import { h, svg } from "../shell/dom.js";
import { bytes, count, milliseconds, rate } from "../shell/format.js";
import { health, layersOf } from "./pipeline.js";

export class NodeCard {
  constructor() {
    this.name = h("h3");
    this.url = h("p", { class: "node-url" });
    this.state = h("span", { class: "state" });
    this.layers = h("p", { class: "node-layers" });
    this.position = h("div", { class: "position", "aria-hidden": "true" }, h("i"));
    this.memory = new MemoryBar();
    this.facts = h("dl", { class: "facts" });
    this.element =
      h("li", { class: "card node" }, h("div", { class: "card-head" }, h("div", {}, this.name, this.url), this.state),
      this.layers, this.position, this.memory.element, this.facts);
  }

  update(stage, index, snapshot) {
    set(this.name, stage.name || `Node ${index + 1}`);
    set(this.url, stage.url ?? "");
    this.url.title = stage.url ?? "";
    const { word, kind } = health(stage.state);
    if (this.state.dataset.word !== word) {
      this.state.dataset.word = word;
      this.state.className = `state ${kind}`;
      this.state.replaceChildren(symbol(kind), word);
    }
    set(this.layers, layersOf(stage));
    const total = Math.max(1, layersIn(snapshot));
    this.element.className = `card node tone-${index % 4} ${kind}`;
    this.position.firstChild.style.marginInlineStart = `${(100 * stage.first_layer) / total}%`;
    this.position.firstChild.style.inlineSize = `${(100 * stage.layer_count) / total}%`;
    this.memory.update(stage);
    const facts = [
      ["Tokens/s", snapshot.tokens_per_second > 0 ? rate(snapshot.tokens_per_second) : "–"],
      ["Round trip",
        stage.round_trip_ms === null || stage.round_trip_ms === undefined ? "–" : milliseconds(stage.round_trip_ms)],
      ["Last step",
        stage.last_compute_ms === null || stage.last_compute_ms === undefined ? "–"
        : milliseconds(stage.last_compute_ms)],
      ["Frames", count(stage.frames ?? 0)],
      ["Threads", stage.threads ? count(stage.threads) : "–"],
      ["Processor", stage.cpu || "–"],
    ];
    facts.forEach(([name, value], i) => {
      const box = this.facts.children[i] ?? this.facts.appendChild(h("div", {}, h("dt"), h("dd")));
      set(box.children[0], name);
      set(box.children[1], value);
    });
  }
}

function layersIn({ stages }) {
  return stages.reduce((sum, stage) => sum + stage.layer_count, 0);
}

/** Weights, KV cache and what is left of the budget. */
class MemoryBar {
  constructor() {
    this.parts = ["weights", "kv", "rest"].map((name) => h("i", { class: name }));
    this.bar = h("div", { class: "memory-bar", role: "img" }, this.parts);
    this.legend =
      h("ul", { class: "memory-legend" },
        ["weights", "kv",
          "rest"].map((name) => h("li", {}, h("i", { class: name, "aria-hidden": "true" }), h("span"))));
    this.total = h("span");
    this.element =
      h("div", { class: "memory" }, h("p", { class: "memory-head" }, h("span", {}, "Memory"), this.total), this.bar,
        this.legend);
  }

  update({ weight_bytes: weights = 0, kv_bytes: kv = 0, budget, resident_bytes: resident }) {
    const whole = Math.max(budget ?? 0, weights + kv, 1), rest = whole - weights - kv;
    [weights, kv, rest].forEach((part, i) => { this.parts[i].style.inlineSize = `${(100 * part) / whole}%`; });
    const words = [`Weights ${bytes(weights)}`, `KV cache ${bytes(kv)}`, `Free ${bytes(rest)}`];
    words.forEach((text, i) => set(this.legend.children[i].lastChild, text));
    this.legend.lastChild.hidden = !budget;
    this.parts[2].hidden = !budget;
    set(this.total,
      budget && resident ? `${bytes(resident)} of ${bytes(budget)}` : budget ? `budget ${bytes(budget)}` : resident
      ? `${bytes(resident)} in use` : "");
    this.bar.setAttribute("aria-label",
      `${words.slice(0, budget ? 3 : 2).join(", ")}${budget ? `, of a budget of ${bytes(budget)}` : ""}`);
  }
}

/** A shape for each kind of health, so that colour is never alone. */
function symbol(kind) {
  const shape = {
    well: "M3.500 8.500l3 3l6-6.500", busy: "M8 3.500a4.500 4.500 0 1 0 4.500 4.500",
    doubtful: "M8 3.500v5.500M8 12v.2", bad: "M4.500 4.500l7 7M11.500 4.500l-7 7",
  }[kind];
  return svg("svg", { viewBox: "0 0 16 16", class: "icon", "aria-hidden": "true" },
    svg("path", { d: shape, fill: "none", stroke: "currentColor", "stroke-width": 2, "stroke-linecap": "round",
      "stroke-linejoin": "round" }));
}

function set(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
