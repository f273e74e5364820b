// Markdown, first half: source text to a tree of blocks. Pure: no DOM, so it is tested with node alone.
//
// The dialect is what models write: CommonMark's blocks, GitHub's tables and task lists, and display maths in $$ or \[.
// HTML is not a block here; it is text like any other. Every block carries `raw`, its source, by which a renderer sees
// what has changed, and blocks at the top level carry `offset`, where they begin, so that a stream of text is parsed
// again only from its last block on: nothing that follows can change an earlier one.

/** Nesting beyond this is shown as plain text; no honest answer nests as deep, and recursion must end. */
const maximumDepth = 24;

const fencePattern = /^( *)(`{3,}|~{3,})[ \t]*([^`]*)$/;
const headingPattern = /^ {0,3}(#{1,6})(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*$/;
const rulePattern = /^ {0,3}(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})$/;
const itemPattern = /^([ \t]*)([-*+]|\d{1,9}[.)])(?:([ \t]+)(.*)|)$/;
const delimiterRow = /^ {0,3}\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$/;

/**
 * Parses Markdown to blocks.
 *
 * Types: heading {level, text}, paragraph {text}, code {language, text, closed}, math {tex}, quote {blocks},
 * list {ordered, start, tight, items: [{blocks, checked}]}, table {header, align, rows}, rule.
 *
 * @param {string} source
 * @returns {object[]}
 */
export function parseBlocks(source) {
  const lines = source.split(/\r\n|\n|\r/);
  const blocks = parseLines(lines, 0);
  if (!source.includes("\r")) {
    let offset = 0, line = 0;
    for (const block of blocks) {
      for (; line < block.first; line++) offset += lines[line].length + 1;
      block.offset = offset;
    }
  } else {
    // Offsets only serve streams, and those have plain newlines; one block from the start is always right.
    for (const block of blocks) block.offset = 0;
  }
  return blocks;
}

function parseLines(lines, depth) {
  const blocks = [];
  let at = 0;
  while (at < lines.length) {
    if (isBlank(lines[at])) { at++; continue; }
    const read = depth < maximumDepth ? readBlock(lines, at, depth) : null;
    const { block, next } = read ?? readParagraph(lines, at, depth);
    block.first = at;
    block.raw = lines.slice(at, next).join("\n");
    blocks.push(block);
    at = next;
  }
  return blocks;
}

function readBlock(lines, at, depth) {
  const line = lines[at];
  if (indentation(line) >= 4) return readIndentedCode(lines, at);
  return readFence(lines, at) ?? readHeading(line, at) ?? readMath(lines, at)
    ?? (rulePattern.test(line) ? { block: { type: "rule" }, next: at + 1 } : null)
    ?? readQuote(lines, at, depth) ?? readList(lines, at, depth) ?? readTable(lines, at);
}

function readFence(lines, at) {
  const open = fencePattern.exec(lines[at]);
  if (!open || open[1].length > 3) return null;
  const [, indent, fence, info] = open;
  const closing = new RegExp(`^ {0,3}\\${fence[0]}{${fence.length},}[ \\t]*$`);
  const text = [];
  let next = at + 1, closed = false;
  for (; next < lines.length; next++) {
    if (closing.test(lines[next])) { closed = true; next++; break; }
    text.push(strip(lines[next], indent.length));
  }
  const language = info.trim().split(/\s+/)[0].replace(/^\{?\.?|\}$/g, "");
  return { block: { type: "code", language, text: text.join("\n"), closed }, next };
}

function readIndentedCode(lines, at) {
  let next = at, end = at;
  for (; next < lines.length && (isBlank(lines[next]) || indentation(lines[next]) >= 4); next++) {
    if (!isBlank(lines[next])) end = next + 1;
  }
  const text = lines.slice(at, end).map((line) => strip(line, 4)).join("\n");
  return { block: { type: "code", language: "", text, closed: true }, next: end };
}

function readHeading(line, at) {
  const match = headingPattern.exec(line);
  return match && { block: { type: "heading", level: match[1].length, text: match[2] ?? "" }, next: at + 1 };
}

/** Display maths on lines of its own. It ends before a blank line or not at all, so a stray $$ swallows little. */
function readMath(lines, at) {
  const trimmed = lines[at].trim();
  const open = trimmed.startsWith("$$") ? "$$" : trimmed.startsWith("\\[") ? "\\[" : null;
  if (!open) return null;
  const close = open === "$$" ? "$$" : "\\]";
  const tex = [];
  for (let next = at; next < lines.length && !isBlank(lines[next]); next++) {
    const text = next === at ? trimmed.slice(2) : lines[next].trim();
    const end = text.indexOf(close);
    if (end < 0) { tex.push(text); continue; }
    if (!/^[ \t.,;]*$/.test(text.slice(end + 2))) return null;
    tex.push(text.slice(0, end) + text.slice(end + 2).trim());
    return { block: { type: "math", tex: tex.join("\n").trim() }, next: next + 1 };
  }
  return null;
}

function readQuote(lines, at, depth) {
  if (!/^ {0,3}>/.test(lines[at])) return null;
  const inner = [];
  let next = at;
  for (; next < lines.length; next++) {
    const line = lines[next];
    if (/^ {0,3}>/.test(line)) inner.push(line.replace(/^ {0,3}> ?/, ""));
    else if (!isBlank(line) && !isBlank(inner.at(-1)) && !startsBlock(lines, next)) inner.push(line);
    else break;
  }
  return { block: { type: "quote", blocks: parseLines(inner, depth + 1) }, next };
}

function readList(lines, at, depth) {
  const first = itemPattern.exec(lines[at]);
  if (!first) return null;
  const kind = first[2].at(-1);
  const items = [];
  let next = at, loose = false, blankBefore = false;
  while (next < lines.length) {
    const marker = itemPattern.exec(lines[next]);
    if (!marker || marker[2].at(-1) !== kind || rulePattern.test(lines[next]) || indentation(lines[next]) >= 4) break;
    if (items.length > 0 && blankBefore) loose = true;
    const item = readItem(lines, next, marker);
    items.push(makeItem(item.lines, depth));
    blankBefore = item.blankAfter;
    loose ||= item.blankInside;
    next = item.next;
  }
  // Blank lines after the last item belong to nobody; leave them out of `raw`.
  while (next > at + 1 && isBlank(lines[next - 1])) next--;
  const ordered = /\d/.test(first[2][0]);
  const start = ordered ? parseInt(first[2], 10) : 1;
  return { block: { type: "list", ordered, start, tight: !loose, items }, next };
}

function readItem(lines, at, marker) {
  const margin = indentation(marker[1]);
  const gap = marker[3] === undefined ? 1 : Math.min(marker[3].length, marker[3].length > 4 ? 1 : 4);
  const content = margin + marker[2].length + gap;
  const own = [marker[3] === undefined ? "" : marker[3].slice(gap) + marker[4]];
  let next = at + 1, blanks = 0, blankInside = false;
  for (; next < lines.length; next++) {
    const line = lines[next];
    if (isBlank(line)) { blanks++; own.push(""); continue; }
    const indent = indentation(line);
    // Models indent nested lists by two under "1. "; take that as nested too.
    const nested = indent >= content || (indent >= margin + 2 && itemPattern.test(line));
    if (!nested && (blanks > 0 || itemPattern.test(line) || startsBlock(lines, next))) break;
    if (blanks > 0 && !itemPattern.test(line)) blankInside = true;
    blanks = 0;
    own.push(strip(line, Math.min(indent, content)));
  }
  return { lines: own, next, blankAfter: blanks > 0, blankInside };
}

function makeItem(lines, depth) {
  const task = /^\[([ xX])\][ \t]+/.exec(lines[0]);
  const body = task ? [lines[0].slice(task[0].length), ...lines.slice(1)] : lines;
  return {
    type: "item", raw: lines.join("\n"), blocks: parseLines(body, depth + 1),
    checked: task ? task[1] !== " " : null,
  };
}

function readTable(lines, at) {
  if (!isTableStart(lines, at)) return null;
  const header = splitRow(lines[at]);
  const align = splitRow(lines[at + 1]).map((cell) => {
    const left = cell.startsWith(":"), right = cell.endsWith(":");
    return left && right ? "center" : right ? "right" : left ? "left" : "";
  });
  const rows = [];
  let next = at + 2;
  for (; next < lines.length && !isBlank(lines[next]) && !startsBlock(lines, next); next++) {
    const cells = splitRow(lines[next]).slice(0, header.length);
    while (cells.length < header.length) cells.push("");
    rows.push(cells);
  }
  return { block: { type: "table", header, align, rows }, next };
}

function isTableStart(lines, at) {
  const delimiter = lines[at + 1];
  if (!lines[at].includes("|") || delimiter === undefined || !delimiter.includes("-")) return false;
  return delimiterRow.test(delimiter) && splitRow(delimiter).length === splitRow(lines[at]).length;
}

/** Cells of one table row; a bar behind a backslash or inside a code span does not divide. */
export function splitRow(line) {
  const text = line.trim().replace(/^\|/, "");
  const cells = [""];
  let inCode = false;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === "\\" && text[i + 1] === "|") { cells[cells.length - 1] += "|"; i++; continue; }
    if (text[i] === "`") inCode = !inCode && text.indexOf("`", i + 1) > 0;
    if (text[i] === "|" && !inCode) cells.push("");
    else cells[cells.length - 1] += text[i];
  }
  if (cells.length > 1 && cells.at(-1).trim() === "") cells.pop();
  return cells.map((cell) => cell.trim());
}

function readParagraph(lines, at, depth) {
  let next = at + 1;
  for (; next < lines.length && !isBlank(lines[next]); next++) {
    const underline = /^ {0,3}(=+|-+)[ \t]*$/.exec(lines[next]);
    if (underline && depth < maximumDepth) {
      const text = lines.slice(at, next).map((line) => line.trim()).join("\n");
      return { block: { type: "heading", level: underline[1][0] === "=" ? 1 : 2, text }, next: next + 1 };
    }
    if (depth < maximumDepth && startsBlock(lines, next)) break;
  }
  // Two spaces at a line's end mean a break, so only leading space goes.
  const text = lines.slice(at, next).map((line) => line.trimStart()).join("\n").trimEnd();
  return { block: { type: "paragraph", text }, next };
}

/** Whether a block that may interrupt a paragraph begins at this line. */
function startsBlock(lines, at) {
  const line = lines[at];
  if (indentation(line) >= 4) return false;
  if (/^ {0,3}(>|#{1,6}(?:[ \t]|$))/.test(line) || fencePattern.test(line) || rulePattern.test(line)) return true;
  const item = itemPattern.exec(line);
  if (item && item[4] && (!/\d/.test(item[2]) || parseInt(item[2], 10) === 1)) return true;
  return isTableStart(lines, at) || readMath(lines, at) !== null;
}

function isBlank(line) {
  return line === undefined || line.trim() === "";
}

/** Columns of white space at the line's beginning; a tab reaches to the next multiple of four. */
function indentation(line) {
  let columns = 0;
  for (const character of line) {
    if (character === " ") columns++;
    else if (character === "\t") columns += 4 - (columns % 4);
    else break;
  }
  return columns;
}

/** The line without its first `count` columns of white space; a tab cut in two leaves spaces. */
function strip(line, count) {
  let columns = 0, i = 0;
  while (i < line.length && columns < count) {
    if (line[i] === " ") columns++;
    else if (line[i] === "\t") columns += 4 - (columns % 4);
    else break;
    i++;
  }
  return " ".repeat(Math.max(0, columns - count)) + line.slice(i);
}
