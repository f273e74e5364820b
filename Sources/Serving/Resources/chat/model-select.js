// The choice of a model above a conversation.

import { byId, h } from "../shell/dom.js";
import { modelFor, server } from "../net/server.js";

export function startModelSelect(chosen) {
  const select = byId("model");
  select.addEventListener("change", () => chosen(select.value));
  return {
    show(conversation) {
      const name = modelFor(conversation);
      const names =
        [...new Set([...server.served, ...server.installed.map((model) => model.name), ...(name ? [name] : [])])];
      const served = names.filter((each) => server.served.includes(each));
      const others = names.filter((each) => !server.served.includes(each));
      const option = (each) => h("option", { value: each }, each);
      select.replaceChildren(...(served.length > 0 && others.length > 0
        ? [h("optgroup", { label: "Serving now" }, served.map(option)),
          h("optgroup", { label: "Installed" }, others.map(option))]
        : names.map(option)));
      if (names.length === 0) select.append(h("option", { value: "" }, server.loaded ? "No model" : "…"));
      select.value = name;
      select.disabled = names.length < 2;
      select.title = names.length < 2 ? "The model this server has" : "Model of this conversation";
    },
  };
}
