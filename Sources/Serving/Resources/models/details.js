// What the server knows of a model, in a dialog.

import { h } from "../shell/dom.js";
import { count } from "../shell/format.js";
import { notify, showDialog } from "../shell/notices.js";
import { showModel } from "../net/server.js";

const longestValue = 200;

export async function showDetails(name) {
  let shown;
  try {
    shown = await showModel(name);
  } catch (error) {
    notify(`The details of ${name} could not be read: ${error.message}`, { bad: true });
    return;
  }
  const { details = {}, parameters, template, license, system, capabilities, model_info: info = {} } = shown;
  const rows = [
    ["Family", details.family], ["Parameters", details.parameter_size], ["Quantization", details.quantization_level],
    ["Format", details.format],
    ["Can", capabilities?.join(", ")],
  ].filter(([, value]) => value);
  const content = h("div", { class: "details" },
    h("dl", { class: "facts wide-facts" },
      rows.map(([term, value]) => h("div", {}, h("dt", {}, term), h("dd", {}, String(value))))),
    long("Defaults", parameters, true), long("System prompt", system), long("Chat template", template),
    Object.keys(info ?? {}).length > 0 && h("details", {}, h("summary", {}, "Metadata"), metadata(info)),
    long("Licence", Array.isArray(license) ? license.join("\n\n") : license));
  showDialog(name, content, [{ value: "", label: "Close", kind: "secondary" }], { wide: true });
}

function long(title, text, open = false) {
  return text ? h("details", { open }, h("summary", {}, title), h("pre", { tabindex: "0" }, text)) : null;
}

function metadata(info) {
  const word = (value) =>
    (typeof value === "number" ? count(value) : value === null ? "–" : Array.isArray(value)
      ? `${count(value.length)} entries` : String(value));
  return h("div", { class: "table-scroll", tabindex: "0" },
    h("table", {}, h("tbody", {}, Object.entries(info).map(([key, value]) =>
    h("tr", {}, h("th", { scope: "row" }, key), h("td", {}, word(value).slice(0, longestValue)))))));
}
