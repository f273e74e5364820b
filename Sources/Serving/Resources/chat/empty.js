// The chat before its first message: what this is, the pipeline that will answer, and something to begin with.

import { h } from "../shell/dom.js";
import { counted } from "../shell/format.js";
import { pipelineDrawing } from "../cluster/pipeline.js";
import { watchCluster } from "../cluster/feed.js";
import { startOf } from "../cluster/picture.js";
import { modelFor, refreshModels, server } from "../net/server.js";

const beginnings = [
  ["Explain", "Explain how a bucket brigade moved more water than people running with buckets."],
  ["Reason", "How many primes are below 100, and how can one be sure?"],
  ["Write code", "Write a Swift function that reverses a linked list, with a short test."],
  ["Do maths", "Derive the quadratic formula step by step."],
];

export function emptyChat(suggest) {
  const model = modelFor(null);
  const heading = server.error ? "The server did not say what it has" : model ? `Ask ${model}`
    : server.loaded ? "No model is served yet" : "Looking for the server…";
  const words = h("p", {}, server.error ?? (model ? "What you write goes to this server and nowhere else."
    : server.loaded ? "Pull one in the models view, or start the server with a model." : ""));
  const pipeline = h("div", { class: "empty-pipeline", hidden: true });
  const element = h("div", { class: "empty-chat" }, h("h2", {}, heading), words, pipeline,
    model && h("ul", { class: "beginnings", "aria-label": "Ways to begin" },
      beginnings.map(([title, text]) => h("li", {},
        h("button", { type: "button", on: { click: () => suggest(text) } }, h("strong", {}, title),
        h("span", {}, text))))),
    server.error
      ? h("p", {}, h("button", { type: "button", class: "secondary", on: { click: refreshModels } }, "Try again"))
      : !model && server.loaded && h("p", {}, h("a", { class: "button primary", href: "#/models" }, "Open models")));
  if (model) followCluster(element, pipeline, words);
  return element;
}

/** Shows the pipeline of workers as long as the element is on the page. */
function followCluster(element, pipeline, words) {
  const drawing = pipelineDrawing(null, { labels: true });
  pipeline.append(drawing.element);
  let placed = false;
  const leave = watchCluster(({ snapshot }) => {
    if (element.isConnected) placed = true;
    else if (placed) { leave(); return; }
    const stages = snapshot?.stages ?? [];
    pipeline.hidden = stages.length === 0;
    if (snapshot?.starting) words.textContent = `${startOf(snapshot)}. What you ask is answered then.`;
    if (stages.length === 0) return;
    const layers = stages.reduce((sum, stage) => sum + stage.layer_count, 0);
    words.textContent = stages.length > 1
      ? `${counted(stages.length, "worker")} hold its ${counted(layers, "layer")} and pass the work from hand to hand.`
      : `One worker holds its ${counted(layers, "layer")}.`;
    drawing.update(snapshot);
  });
}
