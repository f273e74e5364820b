// The pipeline of stages drawn to scale, a tick for each layer, and the bucket that passes along it when frames do.

import { h, svg } from "../shell/dom.js";
import { count } from "../shell/format.js";

const still = matchMedia("(prefers-reduced-motion: reduce)");

/** A drawing of `snapshot`; `update` shows a later one. `labels` adds names and layer numbers. */
export function pipelineDrawing(snapshot, { labels = false } = {}) {
  const bucket = svg("svg", { class: "bucket", viewBox: "0 0 16 16", "aria-hidden": "true" },
    svg("path", { class: "handle", d: "M3.500 6.500a4.500 4.500 0 0 1 9 0" }),
    svg("path", { class: "pail", d: "M3 6.500h10l-1.200 6.600a1 1 0 0 1-1 .9H5.200a1 1 0 0 1-1-.9z" }));
  const stages = h("div", { class: "pipeline-stages" });
  const element =
    h("div", { class: labels ? "pipeline labelled" : "pipeline" },
      h("div", { class: "pipeline-track" }, bucket), stages);
  let drawn = "", frames = null, moving = null, advanced = false;

  function update({ stages: list = [] }) {
    const shape =
      JSON.stringify(
        list.map((stage) => [stage.name, stage.first_layer, stage.layer_count, stage.head, health(stage.state).kind]));
    if (shape !== drawn) { draw(list); drawn = shape; }
    const now = list[0]?.frames ?? 0;
    if (frames !== null && now > frames) { advanced = true; travel(); }
    frames = now;
  }

  function draw(list) {
    element.setAttribute("role", "img");
    element.setAttribute("aria-label", list.map((stage) => `${stage.name}: ${layersOf(stage)}`).join("; "));
    stages.replaceChildren(...list.map((stage, i) => {
      const box = h("div", { class: `pipeline-stage tone-${i % 4} ${health(stage.state).kind}` },
        h("div", { class: "ticks" }),
        stage.head && h("div", { class: "head", title: "Head: final norm and output matrix" }),
        labels && h("div", { class: "pipeline-label" }, h("strong", {}, stage.name),
          h("span", { class: "in-full" }, layersOf(stage)), h("span", { class: "in-short" }, rangeOf(stage))));
      box.style.flexGrow = Math.max(1, stage.layer_count);
      box.style.setProperty("--layers", Math.max(1, stage.layer_count));
      return box;
    }));
  }

  /** One pass of the bucket, with a small toss where one stage hands it to the next. Another follows if frames did. */
  function travel() {
    if (moving || !advanced || still.matches || !element.isConnected || element.offsetWidth === 0) return;
    advanced = false;
    const width = stages.offsetWidth;
    const frame =
      (x, y, offset, opacity = 1) =>
      ({ transform: `translate(${x}px, ${y}px)`, offset, opacity, easing: "ease-in-out" });
    const steps = [frame(0, 0, 0, 0), frame(0, 0, 0.04)];
    for (const box of [...stages.children].slice(1)) {
      const x = box.offsetLeft - stages.offsetLeft;
      const at = 0.05 + 0.9 * (x / width);
      steps.push(frame(x - 10, 0, at - 0.03), frame(x, -7, at), frame(x + 10, 0, at + 0.03));
    }
    steps.push(frame(width, 0, 0.96), frame(width, 0, 1, 0));
    moving = bucket.animate(steps.filter((step, i) => i === 0 || step.offset > steps[i - 1].offset),
      { duration: 900 + Math.min(6, stages.children.length) * 250 });
    element.classList.add("moving");
    moving.onfinish = moving.oncancel = () => { moving = null; element.classList.remove("moving"); travel(); };
  }

  if (snapshot) update(snapshot);
  return { element, update };
}

/** "Layers 0–20 and head". */
export function layersOf(stage) {
  const range = stage.layer_count === 0 ? "No layers"
    : `${stage.layer_count === 1 ? "Layer" : "Layers"} ${rangeOf(stage)}`;
  return stage.head ? `${range} and head` : range;
}

function rangeOf({ first_layer: first, layer_count: layers }) {
  return layers > 1 ? `${count(first)}–${count(first + layers - 1)}` : layers === 1 ? count(first) : "–";
}

/** A stage's state in a word people know, and its kind for the symbol and the colour: well, busy, doubtful, bad. */
export function health(state) {
  const known = {
    ready: ["Well", "well"], running: ["Well", "well"], serving: ["Well", "well"], healthy: ["Well", "well"],
    ok: ["Well", "well"], well: ["Well", "well"],
    loading: ["Loading its layers", "busy"], starting: ["Starting", "busy"], idle: ["Without layers yet", "busy"],
    joining: ["Joining", "busy"], recovering: ["Recovering", "busy"], draining: ["Draining", "busy"],
    silent: ["Silent", "doubtful"], suspect: ["Silent", "doubtful"], slow: ["Slow", "doubtful"],
    lost: ["Lost", "bad"], dead: ["Lost", "bad"], failed: ["Failed", "bad"], gone: ["Lost", "bad"],
    unwell: ["Unwell", "bad"], unreachable: ["Unreachable", "bad"],
  };
  const key = String(state ?? "").toLowerCase();
  const [word, kind] = Object.hasOwn(known, key) ? known[key] : [key || "Unknown", "doubtful"];
  return { word, kind };
}
