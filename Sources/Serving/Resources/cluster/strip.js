// The pipeline in small, under the field one writes in: how many machines answer, and whether a frame is on its way.

import { byId, h } from "../shell/dom.js";
import { counted, rate } from "../shell/format.js";
import { health, pipelineDrawing } from "./pipeline.js";
import { watchCluster } from "./feed.js";

export function startStrip() {
  const strip = byId("strip");
  const drawing = pipelineDrawing(null);
  const words = h("span", { class: "strip-words" });
  strip.append(drawing.element, words);
  strip.hidden = true;
  watchCluster(({ snapshot, trouble }) => {
    strip.hidden = snapshot === null || trouble === "absent";
    if (!snapshot) return;
    drawing.update(snapshot);
    drawing.element.hidden = snapshot.stages.length === 0;
    const unwell = snapshot.stages.filter((stage) => ["doubtful", "bad"].includes(health(stage.state).kind));
    const speed = snapshot.load?.running > 0 && snapshot.tokens_per_second > 0
      ? ` · ${rate(snapshot.tokens_per_second)} tokens/s` : "";
    const text = trouble ? "Cluster not in sight"
      : snapshot.starting ? `Starting: ${snapshot.starting.words}`
        : unwell.length > 0 ? `${unwell[0].name}: ${health(unwell[0].state).word.toLowerCase()}`
          : `${counted(snapshot.stages.length, "worker")}${speed}`;
    words.textContent = text;
    strip.classList.toggle("trouble", trouble !== null || unwell.length > 0);
    strip.setAttribute("aria-label", `Cluster: ${text}`);
  });
}
