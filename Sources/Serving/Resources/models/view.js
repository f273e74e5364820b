// The models: installed ones, searched; details, deletion, a chat with one; and pulling others by name.

import { call } from "../net/api.js";
import { isServed, refreshModels, server, whenModelsChange } from "../net/server.js";
import { byId, h } from "../shell/dom.js";
import { icon } from "../shell/icons.js";
import { ago, bytes } from "../shell/format.js";
import { confirmed, notify } from "../shell/notices.js";
import { showDetails } from "./details.js";
import { Pulls } from "./pulls.js";

export function startModels(chat) {
  const section = byId("view-models");
  const search =
    h("input", { id: "model-search", type: "search", placeholder: "Search, or name a model to pull",
      autocomplete: "off", autocapitalize: "none", spellcheck: "false" });
  const list = h("ul", { class: "models", "aria-label": "Installed models", tabindex: "-1" });
  const offer = h("div", { class: "offer" });
  const empty = h("div", { class: "empty-state", role: "status" });
  const pulls = new Pulls(() => refreshModels());
  const form = h("form", { class: "model-search", role: "search" },
    h("label", { class: "visually-hidden", for: "model-search" }, "Search models, or name one to pull"),
    icon("search"), search);
  section.append(
    h("header", { class: "view-head" },
      h("button", { class: "quiet icon-button only-narrow open-sidebar", type: "button",
        "aria-label": "Open the menu" }), h("h1", {}, "Models")),
    h("div", { class: "view-body" }, h("div", { class: "page-width" }, form, offer, pulls.element, list, empty)));

  search.addEventListener("input", refresh);
  form.addEventListener("submit", (event) => { event.preventDefault(); offer.querySelector("button")?.click(); });

  function refresh() {
    const query = search.value.trim(), words = query.toLowerCase();
    const shown =
      server.installed.filter(({ name, details }) =>
        `${name} ${details?.family ?? ""} ${details?.quantization_level ?? ""}`.toLowerCase().includes(words));
    list.replaceChildren(...shown.map(row));
    const exact = server.installed.some(({ name }) => [words, `${words}:latest`].includes(name.toLowerCase()));
    offer.replaceChildren(...(query && !exact ? [pullOffer(query)] : []));
    empty.hidden = shown.length > 0 || query !== "";
    if (!empty.hidden) showEmpty();
  }

  function pullOffer(name) {
    if (!/^[\w.-]+(?:[/:@][\w.-]+)*$/.test(name))
      return h("p", { class: "muted" }, "A model's name has letters, digits and . _ - / : only, as in qwq:32b.");
    return h("button",
      { type: "button", class: "primary",
        on: { click: () => { pulls.start(name); search.value = ""; refresh(); search.focus(); } } }, icon("download"),
          `Pull ${name}`);
  }

  function showEmpty() {
    empty.replaceChildren(...(!server.loaded ? [h("p", {}, "Looking for models…")]
      : server.error
        ? [h("h2", {}, "The list of models could not be read"), h("p", {}, server.error),
          h("button", { type: "button", class: "secondary", on: { click: refreshModels } }, "Try again")]
        : [h("h2", {}, "No models yet"),
          h("p", {}, "Name one above to pull it, for example qwq:32b or qwen2.5-coder:1.5b.")]));
  }

  function row(model) {
    const { name, size, details = {}, modified_at: modified } = model;
    const facts =
      [details.parameter_size, details.quantization_level, details.family, size > 0 && bytes(size),
        modified && !Number.isNaN(Date.parse(modified)) && `changed ${ago(Date.parse(modified))}`].filter(Boolean);
    const button =
      (symbol, label, action, kind = "quiet small") =>
      h("button", { type: "button", class: kind, "aria-label": `${label} ${name}`, on: { click: action } },
        icon(symbol), h("span", {}, label));
    return h("li", { class: "card model" },
      h("div", { class: "model-words" },
        h("h2", {}, name, isServed(name) && h("span", { class: "badge" }, "Serving now")),
        h("p", { class: "muted" }, facts.join(" · "))),
      h("div", { class: "model-actions" },
        button("chat", "Chat", () => { chat.startNew({ model: name }); location.hash = "#/"; }, "small secondary"),
        button("models", "Details", () => showDetails(name)),
        button("trash", "Delete", () => remove(name))));
  }

  async function remove(name) {
    const text = isServed(name)
      ? `${name} is being served. Its file is removed from this server all the same if the server allows it, ` +
        "and has to be pulled again."
      : `The file of ${name} is removed from this server and has to be pulled again.`;
    if (!await confirmed(`Delete ${name}?`, text, "Delete")) return;
    try {
      await call("api/delete", { method: "DELETE", body: { model: name } });
      notify(`${name} deleted`);
    } catch (error) {
      notify(`${name} was not deleted: ${error.message}`, { bad: true });
    }
    await refreshModels();
    list.focus();
  }

  whenModelsChange(refresh);
  return { show() { refreshModels(); if (matchMedia("(hover: hover)").matches) search.focus(); } };
}
