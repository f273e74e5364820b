// TeX maths to a tree of MathML elements, for the subset that answers use. Pure: {tag, attributes, children | text}.
// What it does not know it refuses, and the caller shows the source: a formula half shown would be a wrong formula.

import { TeXLexer } from "./tex-lexer.js";
import { parseCommand } from "./tex-commands.js";

export class TeXError extends Error {}

const longest = 20000;
const deepest = 60;

/**
 * Converts one formula.
 *
 * @param {string} source without its dollar signs or brackets
 * @param {boolean} display whether it stands on a line of its own
 * @returns {object} the tree of a `math` element
 * @throws {TeXError} with what was not understood
 */
export function texToMathML(source, display) {
  if (source.length > longest) throw new TeXError(`a formula of ${source.length} characters`);
  const parser = new TeXParser(source);
  const children = parser.rows();
  return element("math", display ? { display: "block" } : {}, [element("mrow", {}, children)]);
}

/** One element of the tree. Children are elements, or a string for the token elements. */
export function element(tag, attributes, content) {
  return typeof content === "string" ? { tag, attributes, text: content } : { tag, attributes, children: content };
}

export function operator(text, attributes = {}) {
  return element("mo", attributes, text);
}

/** One element for a list: itself if alone, else a row. */
export function group(children) {
  return children.length === 1 ? children[0] : element("mrow", {}, children);
}

export class TeXParser {
  constructor(source) {
    this.lexer = new TeXLexer(source);
    this.depth = 0;
    this.alphabet = null;
  }

  /** The whole formula; lines divided by \\ outside any environment become rows of a table. */
  rows() {
    const lines = [this.list(() => this.lexer.isCommand("\\"))];
    while (this.lexer.takeCommand("\\")) lines.push(this.list(() => this.lexer.isCommand("\\")));
    if (this.lexer.peek()) throw new TeXError(`an unexpected ${this.lexer.peek().text}`);
    if (lines.length === 1) return lines[0];
    const table = lines.map((line) => element("mtr", {}, [element("mtd", {}, line)]));
    return [element("mtable", { displaystyle: "true" }, table)];
  }

  /** Atoms with their scripts, until the end of the formula, a closing brace, or where `stop` says. */
  list(stop = () => false) {
    if (++this.depth > deepest) throw new TeXError("too deep a nesting");
    const children = [];
    while (this.lexer.peek() && this.lexer.peek().kind !== "}" && !stop()) {
      const over = ["over", "choose"].find((name) => this.lexer.takeCommand(name));
      if (over) {
        const parts = [group(children.splice(0)), group(this.list(stop))];
        children.push(over === "over" ? element("mfrac", {}, parts)
          : element("mrow", {}, [operator("("), element("mfrac", { linethickness: "0" }, parts), operator(")")]));
        break;
      }
      const atom = this.atom();
      if (atom) children.push(this.scripts(atom));
    }
    this.depth--;
    return children;
  }

  /** A group in braces or a single atom: what a command takes as its argument. */
  argument() {
    const token = this.lexer.peek();
    if (!token) throw new TeXError("a missing argument");
    if (token.kind === "{") return group(this.braced());
    if (token.kind === "digits") return element("mn", {}, this.lexer.takeDigit());
    const atom = this.atom();
    if (!atom) throw new TeXError("a missing argument");
    return atom;
  }

  braced() {
    this.lexer.expect("{");
    const outer = this.alphabet;
    const children = this.list();
    this.alphabet = outer;
    this.lexer.expect("}");
    return children;
  }

  /** One thing without its scripts, or null for what leaves no trace. */
  atom() {
    const token = this.lexer.peek();
    switch (token.kind) {
    case "{": return group(this.braced());
    case "command": this.lexer.next(); return parseCommand(this, token.text);
    case "digits": this.lexer.next(); return this.number(token.text);
    case "letter": this.lexer.next(); return this.letter(token.text);
    case "^": case "_": return element("mrow", {}, []);
    case "&": throw new TeXError("an & outside a matrix");
    default: this.lexer.next(); return this.symbol(token.text);
    }
  }

  number(text) {
    return element("mn", {}, this.alphabet ? this.alphabet.map(text) : text);
  }

  letter(text) {
    if (!this.alphabet) return element("mi", {}, text);
    return element("mi", this.alphabet.upright ? { mathvariant: "normal" } : {}, this.alphabet.map(text));
  }

  symbol(text) {
    if (text === "'") return element("mrow", {}, []);
    if (text === "-") return operator("−");
    if (text === "*") return operator("∗");
    if (text === "~") return element("mspace", { width: "0.25em" }, []);
    if ("([".includes(text)) return operator(text, { stretchy: "false", form: "prefix" });
    if (")]".includes(text)) return operator(text, { stretchy: "false", form: "postfix" });
    if (text === "|") return operator(text, { stretchy: "false" });
    if (/[\p{L}]/u.test(text)) return element("mi", {}, text);
    return operator(text);
  }

  /** Sub- and superscripts and primes behind an atom; they go below and above where its kind has them so. */
  scripts(base) {
    let lower = null, upper = null, limits = base.limits ?? null;
    for (;;) {
      if (this.lexer.takeCommand("limits")) { limits = "always"; continue; }
      if (this.lexer.takeCommand("nolimits")) { limits = null; continue; }
      const token = this.lexer.peek();
      if (token?.kind === "^" && !upper) { this.lexer.next(); upper = this.argument(); }
      else if (token?.kind === "_" && !lower) { this.lexer.next(); lower = this.argument(); }
      else if (token?.text === "'" && token.kind === "symbol") upper = this.primes(upper);
      else if (token?.kind === "^" || token?.kind === "_") throw new TeXError(`two ${token.kind} in a row`);
      else break;
    }
    if (!lower && !upper) return base;
    if (limits === "always") base = { ...base, attributes: { ...base.attributes, movablelimits: "false" } };
    const parts = [base, ...(lower ? [lower] : []), ...(upper ? [upper] : [])];
    const over = lower && upper ? "munderover" : lower ? "munder" : "mover";
    const beside = lower && upper ? "msubsup" : lower ? "msub" : "msup";
    return element(limits ? over : beside, {}, parts);
  }

  primes(upper) {
    let count = 0;
    while (this.lexer.peek()?.text === "'") { this.lexer.next(); count++; }
    const prime = operator("′".repeat(count));
    return upper ? element("mrow", {}, [upper, prime]) : prime;
  }
}
