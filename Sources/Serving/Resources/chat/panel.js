// The settings of a conversation: system prompt and sampling. Empty fields mean the model's defaults, which they show.

import { byId, h } from "../shell/dom.js";
import { icon } from "../shell/icons.js";
import { defaultsOf, modelFor } from "../net/server.js";
import { readSetting, settings } from "./conversation.js";

const standard = {
  temperature: "1", top_p: "1", top_k: "0", min_p: "0", repeat_penalty: "1", presence_penalty: "0",
  frequency_penalty: "0", max_tokens: "no limit", seed: "random" };

export function startPanel(changed) {
  const panel = byId("panel"), opener = byId("open-panel");
  let conversation = null, asked = 0;

  const system = h("textarea", { id: "system", rows: 5, placeholder: "The model's own, if it has one" });
  const fields = new Map(settings.map((setting) => [setting.name, field(setting)]));
  const stop = h("textarea", { id: "stop", rows: 2, placeholder: "One on each line" });
  const whose = h("p", { class: "panel-note" });
  panel.append(
    h("div", { class: "panel-head" }, h("h2", {}, "Settings"),
      h("button", { class: "quiet icon-button", type: "button", "aria-label": "Close settings", on: { click: close } },
        icon("close"))),
    whose,
    h("label", { class: "field", for: "system" }, h("span", {}, "System prompt"), system),
    h("div", { class: "setting-grid" }, [...fields.values()].map(({ element }) => element)),
    h("label", { class: "field", for: "stop" }, h("span", {}, "Stop at"), stop),
    h("button", { type: "button", class: "secondary", on: { click: reset } }, "Back to the model's defaults"));
  panel.addEventListener("change", () => { flush(); });
  panel.addEventListener("keydown",
    (event) => { if (event.key === "Escape") { close(); event.preventDefault(); event.stopPropagation(); } });
  opener.addEventListener("click", toggle);

  function field(setting) {
    const id = `setting-${setting.name}`;
    const input =
      h("input", { id, type: "text", inputmode: "decimal", autocomplete: "off", "aria-describedby": `${id}-hint` });
    const hint = h("span", { class: "field-hint", id: `${id}-hint` }, setting.hint);
    const element = h("div", { class: "field" }, h("label", { for: id }, setting.label), input, hint);
    return { setting, input, hint, element };
  }

  /** Takes over what the fields say; false if one of them says nothing sensible. */
  function flush() {
    if (!conversation) return true;
    let valid = true;
    const parameters = {};
    for (const { setting, input, hint } of fields.values()) {
      const value = readSetting(setting, input.value);
      input.setAttribute("aria-invalid", value === null);
      hint.textContent = value === null
        ? `a ${setting.step === 1 ? "whole " : ""}number from ${setting.minimum} to ${setting.maximum}` : setting.hint;
      if (value === null) valid = false;
      else if (value !== undefined) parameters[setting.name] = value;
    }
    const stops = stop.value.split("\n").filter((line) => line !== "").slice(0, 4);
    if (stops.length > 0) parameters.stop = stops;
    if (!valid) return false;
    const before = JSON.stringify([conversation.system, conversation.parameters]);
    conversation.parameters = parameters;
    conversation.system = system.value;
    if (JSON.stringify([conversation.system, conversation.parameters]) !== before) changed();
    return true;
  }

  function reset() {
    for (const { input } of fields.values()) input.value = "";
    system.value = stop.value = "";
    flush();
  }

  async function show(next) {
    const another = conversation !== next;
    conversation = next;
    if (another) {
      system.value = next.system;
      stop.value = (next.parameters.stop ?? []).join("\n");
      for (const { setting, input, hint } of fields.values()) {
        input.value = next.parameters[setting.name] ?? "";
        input.setAttribute("aria-invalid", false);
        hint.textContent = setting.hint;
      }
    }
    const model = modelFor(next), turn = ++asked;
    whose.textContent = model ? `For this conversation. Empty fields take the defaults of ${model}.`
      : "For this conversation.";
    if (panel.hidden) return;
    const defaults = await defaultsOf(model);
    if (turn !== asked) return;
    for (const { setting, input } of fields.values())
      input.placeholder = defaults[setting.name] ?? standard[setting.name];
  }

  function open() {
    panel.hidden = false;
    opener.setAttribute("aria-expanded", "true");
    show(conversation);
    (panel.querySelector("[aria-invalid=true]") ?? system).focus();
  }

  /** True if it was open. */
  function close() {
    if (panel.hidden) return false;
    flush();
    panel.hidden = true;
    opener.setAttribute("aria-expanded", "false");
    opener.focus();
    return true;
  }

  function toggle() {
    if (!close()) open();
  }

  /** Shows at the button that a conversation has settings of its own. */
  function mark({ system, parameters }) {
    const own = Object.keys(parameters).length + (system.trim() ? 1 : 0);
    opener.classList.toggle("has-own", own > 0);
    const label = own > 0 ? `Settings, ${own} changed` : "Settings";
    opener.title = label;
    opener.setAttribute("aria-label", label);
  }

  return { show, open, close, toggle, flush, mark };
}
