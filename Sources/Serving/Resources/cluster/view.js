// The cluster: the pipeline to scale, what it carries, each node, and the requests under way.

import { byId, h } from "../shell/dom.js";
import { icon } from "../shell/icons.js";
import { count, counted, rate } from "../shell/format.js";
import { watchCluster } from "./feed.js";
import { pipelineDrawing } from "./pipeline.js";
import { NodeCard } from "./node-card.js";
import { startOf } from "./picture.js";
import { RequestList } from "./requests.js";

export function startCluster() {
  const section = byId("view-cluster");
  const about = h("p", { class: "view-sub" });
  const drawing = pipelineDrawing(null, { labels: true });
  const frame = h("span", { class: "frame-count" });
  const figures = h("dl", { class: "figures-row" });
  const nodes = h("ul", { class: "nodes", "aria-label": "Nodes in the order of the pipeline" });
  const requests = new RequestList();
  const picture = h("div", { hidden: true },
    figures,
    h("section", { class: "card pipeline-card", "aria-labelledby": "pipeline-heading" },
      h("div", { class: "card-head" }, h("h2", { id: "pipeline-heading" }, "The pipeline"), frame), drawing.element,
      h("p", { class: "pipeline-return" },
        "From the last worker the best candidates return to the coordinator, which picks the token.")),
    nodes, requests.element);
  const bar = h("progress", { "aria-label": "How far it is", hidden: true });
  const empty = h("div", { class: "empty-state" }, h("p", { role: "status" }, "Looking at the cluster…"), bar);
  const stale =
    h("p", { class: "stale", role: "status", hidden: true }, icon("warning"),
      h("span", {}, "Out of sight. This is the last picture; trying again."));
  section.append(
    h("header", { class: "view-head" },
      h("button", { class: "quiet icon-button only-narrow open-sidebar", type: "button",
        "aria-label": "Open the menu" }), h("h1", {}, "Cluster")),
    h("div", { class: "view-body" }, h("div", { class: "page-width" }, about, stale, empty, picture)));
  const cards = new Map();
  let leave = null;

  function refresh({ snapshot, trouble }) {
    stale.hidden = !(snapshot && trouble);
    const starting = startOf(snapshot);
    empty.hidden = snapshot !== null && !starting;
    picture.hidden = !empty.hidden;
    bar.hidden = typeof snapshot?.starting?.share !== "number";
    if (!bar.hidden) bar.value = snapshot.starting.share;
    if (!empty.hidden) {
      const words = starting ? `${starting}.` : trouble === "absent" ? "This server does not describe its cluster."
        : trouble ? "The cluster cannot be seen at the moment. Trying again." : "Looking at the cluster…";
      if (empty.firstChild.textContent !== words) empty.firstChild.textContent = words;
      return;
    }
    about.textContent =
      [snapshot.model, snapshot.context && `context of ${counted(snapshot.context, "token")}`,
        snapshot.kv_type && `KV cache in ${snapshot.kv_type}`]
      .filter(Boolean).join(" · ");
    drawing.update(snapshot);
    frame.textContent = `Frame ${count(snapshot.stages[0]?.frames ?? 0)}`;
    showFigures(figures, snapshot);
    showNodes(snapshot);
    requests.update(snapshot.requests ?? []);
  }

  function showNodes(snapshot) {
    const seen = new Set();
    snapshot.stages.forEach((stage, i) => {
      const key = stage.url ?? stage.name;
      seen.add(key);
      if (!cards.has(key)) cards.set(key, new NodeCard());
      const card = cards.get(key);
      card.update(stage, i, snapshot);
      if (nodes.children[i] !== card.element) nodes.insertBefore(card.element, nodes.children[i] ?? null);
    });
    for (const [key, card] of cards) if (!seen.has(key)) { card.element.remove(); cards.delete(key); }
  }

  return {
    show() { leave ??= watchCluster(refresh); },
    hide() { leave?.(); leave = null; },
  };
}

function showFigures(list, { load = {}, totals = {}, tokens_per_second: speed = 0 }) {
  const share = (part, whole) => (whole > 0 ? `${Math.round((100 * part) / whole)}%` : "–");
  const free = Math.max(0, (load.blocks_total ?? 0) - (load.blocks_used ?? 0) - (load.blocks_cached ?? 0));
  const entries = [
    ["Tokens/s", rate(speed ?? 0), "over all answers"],
    ["Answers", count(load.running ?? 0), load.queued > 0 ? `${count(load.queued)} waiting` : "nobody waits"],
    ["KV blocks", `${count(load.blocks_used ?? 0)} / ${count(load.blocks_total ?? 0)}`,
      `${count(load.blocks_cached ?? 0)} kept for reuse, ${count(free)} free`],
    ["Prompt reused", share(totals.reused_tokens, totals.prompt_tokens),
      `of ${counted(totals.prompt_tokens ?? 0, "token")}`],
    totals.draft_tokens > 0
      ? ["Drafts accepted", share(totals.accepted_tokens, totals.draft_tokens),
        `of ${counted(totals.draft_tokens, "token")}`]
      : ["Written", count(totals.answer_tokens ?? 0), "tokens since the start"],
  ];
  entries.forEach(([name, value, note], i) => {
    const box = list.children[i] ??
      list.appendChild(h("div", {}, h("dt"), h("dd", { class: "value" }), h("dd", { class: "note" })));
    [name, value,
      note].forEach((text, k) => { if (box.children[k].textContent !== text) box.children[k].textContent = text; });
  });
}
