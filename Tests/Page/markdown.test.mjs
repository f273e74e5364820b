// Markdown and code: pure modules, run with `node --test Tests/Page/`.

import test from "node:test";
import assert from "node:assert/strict";
import { parseBlocks, splitRow } from "../../Sources/Serving/Resources/text/blocks.js";
import { parseInline, safeHref } from "../../Sources/Serving/Resources/text/inline.js";
import { LiveMarkdown } from "../../Sources/Serving/Resources/text/live-markdown.js";
import { highlighter } from "../../Sources/Serving/Resources/text/highlight.js";

/** A compact reading of inline nodes, to compare with. */
function short(nodes) {
  return nodes.map((n) => n.type === "text" ? n.text : n.children
    ? `${n.type}(${n.type === "link" ? `${n.href}|` : ""}${short(n.children)})`
    : `${n.type}[${n.text ?? n.tex ?? n.href ?? ""}]`).join("");
}
const inline = (text) => short(parseInline(text));
const types = (text) => parseBlocks(text).map((b) => b.type).join(" ");

test("blocks are told apart", () => {
  assert.equal(
    types("# A\n\ntext\nmore\n\n- a\n- b\n\n1. x\n\n> q\n\n---\n```js\nx\n```\n\n| a | b |\n|---|---|\n| 1 | 2 " +
      "|\n\n$$\nx\n$$"),
    "heading paragraph list list quote rule code table math");
});

test("a heading may be underlined, a rule may not be taken for one", () => {
  assert.equal(types("Title\n===\n\ntext"), "heading paragraph");
  assert.equal(types("---"), "rule");
});

test("a fence keeps its text as it stands and says whether it is closed", () => {
  const [code] = parseBlocks("```swift title\n\tlet <b> = 1\n\n    x\n```\nafter");
  assert.deepEqual([code.language, code.text, code.closed], ["swift", "\tlet <b> = 1\n\n    x", true]);
  assert.equal(parseBlocks("```\nopen")[0].closed, false);
  assert.equal(parseBlocks("````\n```\n````")[0].text, "```");
});

test("lists nest by the marker's width and, as models write, by two", () => {
  const [list] = parseBlocks("1. one\n   - a\n   - b\n2. two\n  - c");
  assert.equal(list.items.length, 2);
  assert.equal(list.items[0].blocks[1].items.length, 2);
  assert.equal(list.items[1].blocks[1].items.length, 1);
});

test("a list with blank lines is loose, one without is tight, and both keep their start", () => {
  assert.equal(parseBlocks("- a\n- b")[0].tight, true);
  assert.equal(parseBlocks("- a\n\n- b")[0].tight, false);
  assert.equal(parseBlocks("3. a\n4. b")[0].start, 3);
});

test("code inside a list item belongs to the item", () => {
  const [list] = parseBlocks("- run\n\n  ```sh\n  ls\n  ```\n- next");
  assert.equal(list.items.length, 2);
  assert.equal(list.items[0].blocks[1].text, "ls");
});

test("task items carry their state", () => {
  assert.deepEqual(parseBlocks("- [x] a\n- [ ] b\n- c")[0].items.map((i) => i.checked), [true, false, null]);
});

test("a table needs its delimiter row, as wide as its header", () => {
  assert.equal(types("a | b\n--- | ---\n1 | 2"), "table");
  assert.equal(types("a | b\n---\n"), "heading");
  const [table] = parseBlocks("| l | c | r |\n|:--|:-:|--:|\n| 1 |\n| 1 | 2 | 3 | 4 |");
  assert.deepEqual(table.align, ["left", "center", "right"]);
  assert.deepEqual(table.rows, [["1", "", ""], ["1", "2", "3"]]);
});

test("bars in code and behind a backslash do not divide cells", () => {
  assert.deepEqual(splitRow("| `a|b` | c \\| d |"), ["`a|b`", "c | d"]);
});

test("HTML is a paragraph", () => {
  assert.equal(types("<script>alert(1)</script>"), "paragraph");
  assert.equal(inline("<img src=x onerror=alert(1)>"), "<img src=x onerror=alert(1)>");
});

test("parsing again from the last block gives what parsing all gives", () => {
  const text = "# T\n\npara one\nline\n\n- a\n  - b\n\n- c\n\n```py\nx = 1\n\ny\n```\n\n| a | b |\n|--|--|\n| 1 | 2 " +
    "|\n\n$$\nx^2\n$$\n\n> q\n> r\n\nend *it*";
  const strip = (blocks) => blocks.map((b) => [b.type, b.raw]);
  let shown = [], offset = 0;
  for (let n = 1; n <= text.length; n++) {
    const fresh = parseBlocks(text.slice(offset, n));
    shown = shown.slice(0, -1).concat(fresh);
    if (fresh.length) offset += fresh.at(-1).offset;
    assert.deepEqual(strip(shown), strip(parseBlocks(text.slice(0, n))), `after ${n} characters`);
  }
});

/** As much of a DOM as paragraphs need. */
class Element {
  constructor(text = null) { this.text = text; this.children = []; }
  append(...nodes) { for (const node of nodes) { node.parent = this; this.children.push(node); } }
  remove() { this.replaceWith(); }
  replaceWith(...nodes) {
    for (const node of nodes) node.parent = this.parent;
    this.parent.children.splice(this.parent.children.indexOf(this), 1, ...nodes);
  }
  replaceChildren() { this.children = []; }
  get textContent() { return this.text ?? this.children.map((child) => child.textContent).join(""); }
}

test("a stream with carriage returns shows each paragraph once", () => {
  globalThis.document = { createElement: () => new Element(), createTextNode: (text) => new Element(text) };
  try {
    const text = "one\r\n\r\ntwo\r\rthree\n\nfour\r\n";
    for (const step of [1, 2, 3, 5]) {
      const container = new Element(), live = new LiveMarkdown(container);
      for (let n = step; n < text.length + step; n += step) live.update(text.slice(0, n));
      assert.deepEqual(container.children.map((child) => child.textContent), ["one", "two", "three", "four"],
        `in steps of ${step}`);
    }
  } finally { delete globalThis.document; }
});

test("emphasis", () => {
  assert.equal(inline("*a* **b** ***c*** ~~d~~"), "em(a) strong(b) em(strong(c)) del(d)");
  assert.equal(inline("snake_case_name 2*3*4"), "snake_case_name 2em(3)4");
  assert.equal(inline("**bold *both* bold**"), "strong(bold em(both) bold)");
  assert.equal(inline("*a **b*"), "*a *em(b)");
  assert.equal(inline("a * b * c"), "a * b * c");
  assert.equal(inline("**“quoted”** text"), "strong(“quoted”) text");
});

test("code spans keep everything", () => {
  assert.equal(inline("`*a*` ``b`c`` `d"), "code[*a*] code[b`c] `d");
});

test("escapes and entities", () => {
  assert.equal(inline("\\*a\\* &lt;b&gt; &amp;lt; &#60; &#x110000; &nope;"), "*a* <b> &lt; < \ufffd &nope;");
});

test("links go to http, https and mailto only", () => {
  assert.equal(inline("[a](https://x.org/y_(z))"), "link(https://x.org/y_(z)|a)");
  for (const bad of ["javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "vbscript:x", "//x.org",
    "/api/delete", "java\tscript:x", "blob:x"]) {
    assert.equal(safeHref(bad), null, bad);
    assert.ok(!inline(`[a](${bad}) <${bad}>`).includes("link("), bad);
  }
  assert.equal(inline("[a](javascript&colon;alert(1))"), "[a](javascript&colon;alert(1))");
});

test("bare addresses end where a sentence does", () => {
  assert.equal(inline("see https://x.org/a. (https://y.org/b)"),
    "see link(https://x.org/a|https://x.org/a). (link(https://y.org/b|https://y.org/b))");
});

test("an image becomes a node with an address, never a source", () => {
  assert.deepEqual(parseInline("![alt](https://x.org/i.png)"),
    [{ type: "image", href: "https://x.org/i.png", alt: "alt" }]);
});

test("maths is found and money is not", () => {
  assert.equal(inline("$x^2$ and \\(y\\) and $$z$$"), "math[x^2] and math[y] and math[z]");
  assert.equal(inline("it costs $5 and $6, or $ 7"), "it costs $5 and $6, or $ 7");
  assert.equal(inline("`$x$`"), "code[$x$]");
});

test("hostile lengths take no time", () => {
  const begun = Date.now();
  for (const piece of ["[", "*a ", "**a*", "`", "$a ", "![", "<", "&", "\\(", "_a_b", "> ", "- ", "[a](", "~~a", "|a",
    "`a``b"]) {
    const text = piece.repeat(20_000);
    parseBlocks(text);
    parseInline(text);
  }
  parseBlocks("> ".repeat(5000) + "x\n" + "  ".repeat(2000) + "- x");
  parseBlocks(Array.from({ length: 400 }, (_, i) => " ".repeat(i * 2) + "- x").join("\n"));
  assert.ok(Date.now() - begun < 8000, `${Date.now() - begun} ms`);
});

test("colouring loses no character and carries comments and strings over lines", () => {
  const source =
    ["/* a", "b */ let x = \"s\\\"t\" // c", "func f(_ n: Int) -> Int { 0x1F }", "\"\"\"", "text", "\"\"\""];
  const read = highlighter("swift");
  let state = null;
  const lines = source.map((line) => { const r = read(line, state); state = r.state; return r.tokens; });
  assert.deepEqual(lines.map((tokens) => tokens.map((t) => t.text).join("")), source);
  assert.equal(lines[0][0].kind, "comment");
  assert.equal(lines[1][0].kind, "comment");
  assert.ok(lines[1].some((t) => t.kind === "string" && t.text === "\"s\\\"t\""));
  assert.equal(lines[4][0].kind, "string");
  assert.ok(lines[2].some((t) => t.kind === "keyword" && t.text === "func"));
  assert.deepEqual(highlighter("nonsense")("a <b>", null).tokens, [{ kind: "", text: "a <b>" }]);
  assert.deepEqual(highlighter("constructor")("x", null).tokens, [{ kind: "", text: "x" }]);
});
