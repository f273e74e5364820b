// Whether the server is there. Lost, a banner says so and the server is tried again, first soon, then more seldom.

import { byId, h } from "../shell/dom.js";
import { say } from "../shell/announce.js";

const longestWait = 30;
let banner = null, wait = 2, timer = null;
const restored = new Set();

/** Calls `action` each time the server is back after a loss. */
export function whenRestored(action) {
  restored.add(action);
}

export function connectionWell() {
  if (!banner) return;
  clearTimeout(timer);
  banner.remove();
  banner = null;
  wait = 2;
  say("The server is back");
  for (const action of restored) action();
}

export function connectionLost() {
  if (banner) return;
  const words = h("span", {});
  const retry = h("button", { type: "button", class: "small", on: { click: () => attempt(words) } }, "Try now");
  banner = h("div", { class: "banner", role: "alert" }, h("strong", {}, "The server does not answer."), words, retry);
  byId("banners").append(banner);
  countDown(words, wait);
}

function countDown(words, seconds) {
  // Only the first sentence is for everybody; a countdown read aloud each second would drown the rest.
  words.setAttribute("aria-hidden", "true");
  words.textContent = `Trying again in ${seconds} s. What has arrived is kept.`;
  timer = setTimeout(() => (seconds > 1 ? countDown(words, seconds - 1) : attempt(words)), 1000);
}

async function attempt(words) {
  clearTimeout(timer);
  words.textContent = "Trying…";
  try {
    await fetch(new URL("health", document.baseURI), { cache: "no-store", signal: AbortSignal.timeout(5000) });
    connectionWell();
  } catch {
    wait = Math.min(longestWait, wait * 2);
    if (banner) countDown(words, wait);
  }
}
