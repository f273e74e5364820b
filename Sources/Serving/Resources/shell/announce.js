// What screen readers are told: short sentences at turning points, never the stream of an answer.

import { byId } from "./dom.js";

let last = 0;

export function say(sentence) {
  const region = byId("announcements");
  // Two equal sentences in a row would be silent; an invisible difference makes them two.
  region.textContent = sentence + (last++ % 2 ? "\u200b" : "");
}
