// TeX to MathML, run with `node --test Tests/Page/`.

import test from "node:test";
import assert from "node:assert/strict";
import { texToMathML, TeXError } from "../../Sources/Serving/Resources/text/tex.js";

/** The tree as compact markup without attributes. */
function markup({ tag, text, children }) {
  return `<${tag}>${text ?? children.map(markup).join("")}</${tag}>`;
}
const inner = (tex, display = false) => markup(texToMathML(tex, display).children[0]).slice(6, -7);

test("letters, numbers, operators", () => {
  assert.equal(inner("x+12.5"), "<mi>x</mi><mo>+</mo><mn>12.5</mn>");
  assert.equal(inner("a-b"), "<mi>a</mi><mo>−</mo><mi>b</mi>");
});

test("powers, indices, primes", () => {
  assert.equal(inner("x^2_i"), "<msubsup><mi>x</mi><mi>i</mi><mn>2</mn></msubsup>");
  assert.equal(inner("f''"), "<msup><mi>f</mi><mo>′′</mo></msup>");
  assert.equal(inner("x^12"), "<msup><mi>x</mi><mn>1</mn></msup><mn>2</mn>");
});

test("fractions and roots, with and without braces", () => {
  assert.equal(inner("\\frac12"), "<mfrac><mn>1</mn><mn>2</mn></mfrac>");
  assert.equal(inner("\\frac{a}{b}"), "<mfrac><mi>a</mi><mi>b</mi></mfrac>");
  assert.equal(inner("\\sqrt[3]{x}"), "<mroot><mi>x</mi><mn>3</mn></mroot>");
  assert.equal(inner("\\sqrt x"), "<msqrt><mi>x</mi></msqrt>");
  assert.equal(inner("{n \\choose k}").match(/mfrac/g).length, 2);
});

test("sums have limits above and below, integrals beside", () => {
  assert.match(inner("\\sum_{i=1}^n"), /^<munderover><mo>∑<\/mo>/);
  assert.match(inner("\\int_0^1"), /^<msubsup><mo>∫<\/mo>/);
  assert.match(inner("\\int\\limits_0^1"), /^<munderover><mo>∫<\/mo>/);
  assert.match(inner("\\lim_{x\\to 0}"), /^<munder><mo>lim<\/mo>/);
});

test("matrices and cases", () => {
  const matrix = inner("\\begin{pmatrix} a & b \\\\ c & d \\end{pmatrix}");
  assert.equal(matrix.match(/<mtr>/g).length, 2);
  assert.equal(matrix.match(/<mtd>/g).length, 4);
  assert.ok(matrix.includes("<mo>(</mo>"));
  assert.match(inner("f(x)=\\begin{cases} 1 & x>0 \\\\ 0 & \\text{otherwise} \\end{cases}"),
    /<mtext>otherwise<\/mtext>/);
  assert.equal(inner("\\begin{aligned} a &= b \\\\ &= c \\end{aligned}").match(/<mtr>/g).length, 2);
  assert.equal(inner("\\begin{array}{c|c} 1 & 2 \\\\ \\hline 3 & 4 \\end{array}").match(/<mtr>/g).length, 2);
});

test("alphabets map to their characters", () => {
  assert.equal(inner("\\mathbb{R}\\mathcal{L}\\mathbf{x}"), "<mi>ℝ</mi><mi>ℒ</mi><mi>𝐱</mi>");
  assert.equal(inner("\\mathrm{d}x"), "<mi>d</mi><mi>x</mi>");
});

test("left and right stretch around what they hold", () => {
  assert.match(inner("\\left( \\frac{a}{b} \\right]"), /^<mrow><mo>\(<\/mo><mfrac>.*<mo>\]<\/mo><\/mrow>$/);
  assert.match(inner("\\left. x \\middle| y \\right\\}"), /<mo>\|<\/mo>/);
});

test("accents, boxes, texts, rows", () => {
  assert.match(inner("\\hat{x} \\vec v \\overline{ab}"), /<mover>/);
  assert.match(inner("\\boxed{42}"), /<mn>42<\/mn>/);
  assert.equal(inner("\\text{a <b> \\$}"), "<mtext>a <b> $</mtext>");
  assert.match(inner("a \\\\ b", true), /<mtable>/);
  assert.match(inner("\\underbrace{x}_{n}"), /<munder><munder>/);
});

test("what is unknown or broken is refused", () => {
  for (const bad of ["\\nosuch", "\\frac{a}", "{a", "a}", "x^", "\\left( x", "\\begin{pmatrix} a",
    "\\begin{evil}x\\end{evil}", "a & b",
    "\\", "x^1^2", "\\constructor", "\\__proto__", "\\href{javascript:x}{y}", "{".repeat(500)]) {
    assert.throws(() => texToMathML(bad, false), TeXError, bad);
  }
});

test("no source decides an element or an attribute's name", () => {
  const seen = new Set();
  const walk = (node) => { seen.add(node.tag); Object.keys(node.attributes).forEach((k) => seen.add(`@${k}`));
    node.children?.forEach(walk); };
  for (const tex of ["<script>", "\\text{<img onerror=x>}", "\\color{red\" onclick=\"x}{a}", "\\mathrm{</mi><script>}",
    "\\tag{<b>}"]) walk(texToMathML(tex, true));
  assert.ok([...seen].every((name) =>
    /^(math|mrow|mi|mo|mn|mtext|mspace|@(display|stretchy|form|mathvariant))$/.test(name)), [...seen].join(" "));
});
