// Markdown, second half: the text of one block to a tree of inline nodes. Pure, and linear in practice: brackets are
// matched in one pass, searches for closers are bounded, so no hostile text makes the page hang.

import { findMath } from "./math-spans.js";

const escapable = /[!-/:-@[-`{-~]/;
const punctuation = /[\p{P}\p{S}]/u;
const bareURL = /^https?:\/\/[^\s<>"'`]+/i;
const entities = {
  amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: "\u00a0", copy: "©", reg: "®", hellip: "…", mdash: "—",
  ndash: "–", times: "×", rarr: "→", larr: "←", le: "≤", ge: "≥", ne: "≠", deg: "°", middot: "·",
};
const maximumDepth = 16;

/**
 * Parses inline Markdown.
 *
 * Nodes: text {text}, code {text}, math {tex, display}, link {href, children}, image {href, alt}, break, and
 * strong, em, del {children}. A link's href is always http, https or mailto; any other stays literal text.
 *
 * @param {string} text
 * @returns {object[]}
 */
export function parseInline(text, depth = 0) {
  if (depth > maximumDepth) return [{ type: "text", text }];
  return buildTree(pairDelimiters(scan(text, depth)));
}

function scan(text, depth) {
  const pieces = [];
  const brackets = matchBrackets(text);
  const noCode = new Set();
  let plain = "";
  const flush = () => { if (plain) pieces.push({ type: "text", text: plain }); plain = ""; };
  const push = (node) => { flush(); pieces.push(node); };

  for (let i = 0; i < text.length;) {
    const c = text[i];
    if (c === "\\" || c === "$") {
      const math = findMath(text, i);
      if (math) { push({ type: "math", tex: math.tex, display: math.display }); i = math.end; continue; }
      if (c === "\\" && text[i + 1] === "\n") { push({ type: "break" }); i += 2; continue; }
      if (c === "\\" && escapable.test(text[i + 1] ?? "")) { plain += text[i + 1]; i += 2; continue; }
    } else if (c === "`") {
      const run = runLength(text, i, "`");
      const code = noCode.has(run) ? null : readCode(text, i, run);
      if (code) { push(code.node); i = code.end; continue; }
      noCode.add(run);
      plain += "`".repeat(run); i += run; continue;
    } else if (c === "*" || c === "_" || c === "~") {
      const run = runLength(text, i, c);
      if (c !== "~" || run === 2) { push(delimiter(text, i, c, run)); i += run; continue; }
      plain += c.repeat(run); i += run; continue;
    } else if (c === "[" || (c === "!" && text[i + 1] === "[")) {
      const link = readLink(text, c === "!" ? i + 1 : i, brackets, c === "!", depth);
      if (link) { push(link.node); i = link.end; continue; }
    } else if (c === "<") {
      const auto = /^<(https?:\/\/[^\s<>]*|[\w.+-]+@[\w-]+(?:\.[\w-]+)+)>/i.exec(text.slice(i, i + 2000));
      if (auto) {
        const href = safeHref(auto[1].includes("://") ? auto[1] : `mailto:${auto[1]}`);
        if (href) {
          push({ type: "link", href, children: [{ type: "text", text: auto[1] }] });
          i += auto[0].length;
          continue;
        }
      }
    } else if ((c === "h" || c === "H") && (i === 0 || !/[\w/]/.test(text[i - 1]))) {
      const url = readBareURL(text, i);
      if (url) { push(url.node); i = url.end; continue; }
    } else if (c === "&") {
      const entity = readEntity(text, i);
      if (entity) { plain += entity.text; i = entity.end; continue; }
    } else if (c === "\n") {
      const hard = /(?: {2,})$/.test(plain);
      plain = plain.trimEnd();
      if (hard) push({ type: "break" });
      else plain += "\n";
      i++; continue;
    }
    plain += c; i++;
  }
  flush();
  return pieces;
}

function runLength(text, at, c) {
  let end = at;
  while (text[end] === c) end++;
  return end - at;
}

function readCode(text, at, run) {
  for (let i = text.indexOf("`", at + run); i >= 0; i = text.indexOf("`", i)) {
    const closing = runLength(text, i, "`");
    if (closing === run) {
      let code = text.slice(at + run, i).replace(/\n/g, " ");
      if (/^ .*[^ ].* $/.test(code)) code = code.slice(1, -1);
      return { node: { type: "code", text: code }, end: i + run };
    }
    i += closing;
  }
  return null;
}

/** For each "[" the place of its "]", found with one stack over the text. */
function matchBrackets(text) {
  const open = [], match = new Map();
  for (let i = 0; i < text.length; i++) {
    if (text[i] === "\\") i++;
    else if (text[i] === "[") open.push(i);
    else if (text[i] === "]" && open.length > 0) match.set(open.pop(), i);
  }
  return match;
}

function readLink(text, at, brackets, isImage, depth) {
  const close = brackets.get(at);
  if (close === undefined || text[close + 1] !== "(") return null;
  const target = /^\(\s*(?:<([^<>\n]*)>|((?:[^\s()\\]|\\.|\((?:[^\s()\\]|\\.)*\))*))(?:\s+(?:"[^"]*"|'[^']*'))?\s*\)/
    .exec(text.slice(close + 1, close + 4001));
  const href = target && safeHref((target[1] ?? target[2]).replace(/\\([!-/:-@[-`{-~])/g, "$1"));
  if (!href) return null;
  const label = text.slice(at + 1, close), end = close + 1 + target[0].length;
  if (isImage) return { node: { type: "image", href, alt: label }, end };
  return { node: { type: "link", href, children: withoutLinks(parseInline(label, depth + 1)) }, end };
}

/** A link in a link's label would nest anchors; its text stays, the inner link goes. */
function withoutLinks(nodes) {
  return nodes.flatMap((node) => {
    if (node.type === "link") return withoutLinks(node.children);
    return node.children ? [{ ...node, children: withoutLinks(node.children) }] : [node];
  });
}

function readBareURL(text, at) {
  const match = bareURL.exec(text.slice(at, at + 2000));
  if (!match) return null;
  let url = match[0].replace(/[.,;:!?*_~]+$/, "");
  while (url.endsWith(")") && url.split(")").length > url.split("(").length) url = url.slice(0, -1);
  url = url.replace(/[.,;:!?*_~\]]+$/, "");
  const href = safeHref(url);
  return href && { node: { type: "link", href, children: [{ type: "text", text: url }] }, end: at + url.length };
}

/** The address if it may be followed from this page, else null. The browser's own parser judges, not a pattern. */
export function safeHref(address) {
  if (/[\u0000-\u0020\u007f]/.test(address)) return null;
  try {
    const url = new URL(address);
    return ["http:", "https:", "mailto:"].includes(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

function readEntity(text, at) {
  const match = /^&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|([a-zA-Z]+));/.exec(text.slice(at, at + 12));
  if (!match) return null;
  if (match[3]) {
    const known = Object.hasOwn(entities, match[3]) ? entities[match[3]] : null;
    return known && { text: known, end: at + match[0].length };
  }
  const code = match[1] ? parseInt(match[1], 10) : parseInt(match[2], 16);
  const valid = code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff);
  return { text: valid ? String.fromCodePoint(code) : "\ufffd", end: at + match[0].length };
}

// Emphasis: CommonMark's rules for which runs may open and close, pairs found with a stack.

function delimiter(text, at, c, count) {
  const before = text[at - 1] ?? " ", after = text[at + count] ?? " ";
  const spaceAfter = /\s/.test(after), spaceBefore = /\s/.test(before);
  const left = !spaceAfter && (!punctuation.test(after) || spaceBefore || punctuation.test(before));
  const right = !spaceBefore && (!punctuation.test(before) || spaceAfter || punctuation.test(after));
  const open = c === "_" ? left && (!right || punctuation.test(before)) : left;
  const close = c === "_" ? right && (!left || punctuation.test(after)) : right;
  return { type: "delimiter", c, count, left: count, open, close, opens: [], closes: [] };
}

function pairDelimiters(pieces) {
  const stack = [];
  const floor = new Map();
  for (const closer of pieces) {
    if (closer.type !== "delimiter") continue;
    while (closer.close && closer.left > 0) {
      const key = `${closer.c}${closer.open}${closer.count % 3}`;
      let at = stack.length - 1;
      while (at >= (floor.get(key) ?? 0) && !pairs(stack[at], closer)) at--;
      if (at < (floor.get(key) ?? 0)) { floor.set(key, stack.length); break; }
      const opener = stack[at];
      const used = closer.c === "~" ? 2 : opener.left >= 2 && closer.left >= 2 ? 2 : 1;
      const kind = closer.c === "~" ? "del" : used === 2 ? "strong" : "em";
      stack.length = at + 1;
      for (const [name, value] of floor) if (value > stack.length) floor.set(name, stack.length);
      opener.left -= used; closer.left -= used;
      opener.opens.unshift(kind); closer.closes.push(kind);
      if (opener.left === 0) {
        stack.pop();
        for (const [name, value] of floor) if (value > stack.length) floor.set(name, stack.length);
      }
    }
    if (closer.open && closer.left > 0) stack.push(closer);
  }
  return pieces;
}

function pairs(opener, closer) {
  if (opener.c !== closer.c || opener.left === 0) return false;
  const threes = (opener.close || closer.open) && (opener.count + closer.count) % 3 === 0;
  return !threes || (opener.count % 3 === 0 && closer.count % 3 === 0);
}

function buildTree(pieces) {
  const root = [];
  const stack = [root];
  for (const piece of pieces) {
    if (piece.type !== "delimiter") { append(stack.at(-1), piece); continue; }
    for (const _ of piece.closes) if (stack.length > 1) stack.pop();
    if (piece.left > 0) append(stack.at(-1), { type: "text", text: piece.c.repeat(piece.left) });
    for (const kind of piece.opens) {
      const node = { type: kind, children: [] };
      stack.at(-1).push(node);
      stack.push(node.children);
    }
  }
  return root;
}

function append(list, node) {
  const last = list.at(-1);
  if (node.type === "text" && last?.type === "text") last.text += node.text;
  else list.push(node);
}
