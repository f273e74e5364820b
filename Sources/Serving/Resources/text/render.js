// Trees of Markdown and maths to DOM nodes. Every node is made with createElement and every text set as text, so that
// nothing in a message can become an element, an attribute's name or a script.

import { parseInline } from "./inline.js";
import { texToMathML } from "./tex.js";
import { codeBlock, updateCodeBlock } from "./code-block.js";
import { h } from "../shell/dom.js";

const mathNamespace = "http://www.w3.org/1998/Math/MathML";

/** The element for a block, as parseBlocks makes them. */
export function renderBlock(block) {
  switch (block.type) {
  case "heading": return h(`h${Math.min(6, block.level + 2)}`, {}, inlines(block.text));
  case "paragraph": return h("p", {}, inlines(block.text));
  case "code": return codeBlock(block);
  case "math": return h("div", { class: "math-block", tabindex: "0", role: "group", "aria-label": "Formula" },
    renderMath(block.tex, true));
  case "quote": return fill(h("blockquote"), block.blocks);
  case "list": return renderList(block);
  case "table": return renderTable(block);
  case "rule": return h("hr");
  default: throw new Error(`a block of type ${block.type}`);
  }
}

/** Whether `patchBlock` can turn the element of one block into that of another. */
export function canPatch(before, after) {
  if (before.type !== after.type) return false;
  if (after.type === "code") return before.language === after.language && after.text.startsWith(before.text);
  if (after.type === "list") return before.ordered === after.ordered && before.start === after.start;
  return after.type === "quote";
}

/** Changes an element in place, leaving alone the parts that stay as they are. */
export function patchBlock(dom, before, after) {
  if (after.type === "code") updateCodeBlock(dom, after);
  else if (after.type === "quote") patchChildren(dom, before.blocks, after.blocks);
  else {
    dom.classList.toggle("tight", after.tight);
    after.items.forEach((item, i) => {
      const old = before.items[i];
      if (old && old.checked === item.checked) {
        item.dom = old.dom;
        if (old.raw !== item.raw) patchChildren(item.body = old.body, old.blocks, item.blocks);
        else { item.blocks = old.blocks; item.body = old.body; }
      } else {
        const made = renderItem(item);
        if (old) old.dom.replaceWith(made); else dom.append(made);
      }
    });
    for (const old of before.items.slice(after.items.length)) old.dom.remove();
  }
}

/** Makes `parent`, which shows the blocks `before`, show the blocks `after`. */
export function patchChildren(parent, before, after) {
  after.forEach((block, i) => {
    const old = before[i];
    if (old && old.type === block.type && old.raw === block.raw && old.closed === block.closed) {
      after[i] = Object.assign(block, { dom: old.dom, blocks: old.blocks, items: old.items });
    } else if (old && canPatch(old, block)) {
      block.dom = old.dom;
      patchBlock(old.dom, old, block);
    } else {
      block.dom = renderBlock(block);
      if (old) old.dom.replaceWith(block.dom); else parent.append(block.dom);
    }
  });
  for (const old of before.slice(after.length)) old.dom.remove();
}

function fill(element, blocks) {
  patchChildren(element, [], blocks);
  return element;
}

function renderList(block) {
  const list = h(block.ordered ? "ol" : "ul", { class: block.tight ? "tight" : "" });
  if (block.ordered && block.start !== 1) list.start = block.start;
  list.append(...block.items.map(renderItem));
  return list;
}

function renderItem(item) {
  if (item.checked === null) item.dom = item.body = fill(h("li"), item.blocks);
  else {
    const box = h("input", { type: "checkbox", disabled: true, "aria-label": item.checked ? "done" : "to do" });
    box.checked = item.checked;
    item.body = fill(h("div"), item.blocks);
    item.dom = h("li", { class: "task" }, box, item.body);
  }
  return item.dom;
}

function renderTable({ header, align, rows }) {
  const cell = (tag) => (text, i) => h(tag, { class: align[i] ? `align-${align[i]}` : "" }, inlines(text));
  const head = h("thead", {}, h("tr", {}, header.map(cell("th"))));
  const body = h("tbody", {}, rows.map((row) => h("tr", {}, row.map(cell("td")))));
  return h("div", { class: "table-scroll", tabindex: "0", role: "group", "aria-label": "Table" },
    h("table", {}, head, body));
}

function inlines(text) {
  return parseInline(text).map(renderInline);
}

function renderInline(node) {
  switch (node.type) {
  case "text": return document.createTextNode(node.text);
  case "code": return h("code", {}, node.text);
  case "break": return h("br");
  case "math": return renderMath(node.tex, node.display);
  case "strong": case "em": case "del": return h(node.type, {}, node.children.map(renderInline));
  case "link": return anchor(node.href, node.children.map(renderInline));
  // An image would be fetched from somebody else's server; its address is offered instead.
  case "image": return anchor(node.href, [document.createTextNode(`Image: ${node.alt || node.href}`)]);
  default: throw new Error(`an inline of type ${node.type}`);
  }
}

function anchor(href, children) {
  return h("a", { href, title: href, target: "_blank", rel: "noopener noreferrer nofollow" }, children);
}

/** A formula as MathML, or its source where the converter does not know it. */
export function renderMath(tex, display) {
  try {
    const math = mathElement(texToMathML(tex, display));
    // The source is what a reader without MathML, and whoever copies, can use.
    math.setAttribute("alttext", tex);
    return display ? h("span", { class: "math-display" }, math) : math;
  } catch {
    return h("code", { class: "tex", title: "TeX this page cannot set" }, display ? `$$${tex}$$` : `$${tex}$`);
  }
}

function mathElement({ tag, attributes, children, text }) {
  const made = document.createElementNS(mathNamespace, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  if (text !== undefined) made.textContent = text;
  else made.append(...children.map(mathElement));
  return made;
}
