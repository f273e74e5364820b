// A code block: its language, a copy button, coloured lines that scroll inside the block. It can grow: lines that are
// complete are coloured once and stay, only the last one is set anew.

import { highlighter, languageLabel } from "./highlight.js";
import { h } from "../shell/dom.js";
import { copyButton } from "../shell/copy.js";

const states = new WeakMap();

/**
 * Lines stand in groups of this many, so that a line added to a long block lays out its group and not the whole block.
 */
const linesInGroup = 40;

export function codeBlock({ language, text }) {
  const code = h("code", {}, h("span", { class: "lines" }));
  const figure = h("figure", { class: "code-block" },
    h("figcaption", {}, h("span", { class: "language" }, languageLabel(language)),
      copyButton(() => states.get(figure).text, "Copy code")),
    h("pre", { tabindex: "0", "aria-label": `${languageLabel(language)} code` }, code));
  states.set(figure, { code, read: highlighter(language), text: "", complete: 0, state: null, tail: [], lines: 0 });
  updateCodeBlock(figure, { text });
  return figure;
}

/** Shows a text that begins with the one shown before. */
export function updateCodeBlock(figure, { text }) {
  const block = states.get(figure);
  if (text === block.text) return;
  block.text = text;
  for (const node of block.tail) node.remove();
  const made = [];
  const append = () => { block.code.lastChild.append(...made.splice(0)); };
  for (;;) {
    const end = text.indexOf("\n", block.complete);
    if (end < 0) break;
    const read = block.read(text.slice(block.complete, end), block.state);
    made.push(...read.tokens.map(tokenNode), "\n");
    block.state = read.state;
    block.complete = end + 1;
    if (++block.lines % linesInGroup > 0) continue;
    append();
    block.code.append(h("span", { class: "lines" }));
  }
  block.tail = block.read(text.slice(block.complete), block.state).tokens.map(tokenNode);
  made.push(...block.tail);
  append();
}

function tokenNode({ kind, text }) {
  return kind ? h("span", { class: `token-${kind}` }, text) : document.createTextNode(text);
}
