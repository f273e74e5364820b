// The theme: as the system has it, light, or dark.

import { byId } from "./dom.js";
import { icon } from "./icons.js";
import { say } from "./announce.js";

const order = ["system", "light", "dark"];
const names = { system: "as the system has it", light: "light", dark: "dark" };

export function startTheme() {
  const button = byId("theme");
  let current = document.documentElement.dataset.theme ?? "system";
  show();
  button.addEventListener("click", () => {
    current = order[(order.indexOf(current) + 1) % order.length];
    if (current === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = current;
    try { localStorage.setItem("brigade.theme", current); } catch { /* it holds for this visit */ }
    show();
    say(`Theme: ${names[current]}`);
  });

  function show() {
    button.replaceChildren(icon(current));
    button.title = `Theme: ${names[current]}`;
    button.setAttribute("aria-label", `Theme: ${names[current]}. Change`);
  }
}
