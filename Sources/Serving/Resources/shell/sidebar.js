// The sidebar: beside the views where there is room, a drawer over them where there is not.

import { byId } from "./dom.js";
import { icon } from "./icons.js";

export function startSidebar() {
  const narrow = matchMedia("(max-width: 860px)");
  const side = byId("sidebar"), scrim = byId("scrim");
  let opener = null;

  function close() {
    side.classList.remove("open");
    scrim.hidden = true;
    // Out of sight means out of the tab order too.
    side.inert = narrow.matches;
    byId("main").inert = false;
    opener?.focus();
    opener = null;
  }

  function open() {
    if (!narrow.matches) return;
    opener = document.activeElement;
    side.inert = false;
    side.classList.add("open");
    scrim.hidden = false;
    byId("main").inert = true;
    byId("close-sidebar").focus();
  }

  byId("close-sidebar").append(icon("close"));
  byId("close-sidebar").addEventListener("click", close);
  scrim.addEventListener("click", close);
  narrow.addEventListener("change", close);
  document.addEventListener("click", (event) => { if (event.target.closest?.(".open-sidebar")) open(); });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || scrim.hidden || event.defaultPrevented) return;
    close();
    event.preventDefault();
  });
  side.addEventListener("click", (event) => { if (event.target.closest?.("a, #new-chat")) close(); });
  for (const button of document.querySelectorAll(".open-sidebar")) button.append(icon("menu"));
  close();
  return { open, close };
}
