// The tokens of a formula.

import { TeXError } from "./tex.js";

export class TeXLexer {
  constructor(source) {
    this.source = source;
    this.at = 0;
    this.token = null;
  }

  /** The next token without taking it, or null at the end: {kind, text}. */
  peek() {
    return (this.token ??= this.read());
  }

  next() {
    const token = this.peek();
    this.token = null;
    return token;
  }

  isCommand(name) {
    const token = this.peek();
    return token?.kind === "command" && token.text === name;
  }

  /** Takes the command if it comes next. */
  takeCommand(name) {
    return this.isCommand(name) && this.next() !== null;
  }

  take(kind, text = null) {
    const token = this.peek();
    return token?.kind === kind && (text === null || token.text === text) ? this.next() : null;
  }

  expect(kind) {
    if (!this.take(kind)) throw new TeXError(`${this.peek()?.text ?? "the end"} where ${kind} was expected`);
  }

  /** The first digit of a number: \frac12 is one half. */
  takeDigit() {
    const token = this.next();
    if (token.text.length > 1) this.at -= token.text.length - 1;
    return token.text[0];
  }

  /** The text in braces exactly as it stands: for \text, names of environments and columns. */
  rawBraced() {
    this.rewind();
    while (this.source[this.at] === " ") this.at++;
    if (this.source[this.at] !== "{") throw new TeXError("a missing {");
    const from = ++this.at;
    for (let depth = 1; this.at < this.source.length; this.at++) {
      const c = this.source[this.at];
      if (c === "\\") this.at++;
      else if (c === "{") depth++;
      else if (c === "}" && --depth === 0) return this.source.slice(from, this.at++);
    }
    throw new TeXError("a { that is never closed");
  }

  /** An optional argument in brackets as it stands, or null. */
  rawBracketed() {
    this.rewind();
    const match = /^\s*\[([^\]]*)\]/.exec(this.source.slice(this.at, this.at + 400));
    if (match) this.at += match[0].length;
    return match?.[1] ?? null;
  }

  rewind() {
    if (this.token) this.at = this.token.start;
    this.token = null;
  }

  read() {
    while (/\s/.test(this.source[this.at] ?? "")) this.at++;
    if (this.source[this.at] === "%") {
      const end = this.source.indexOf("\n", this.at);
      this.at = end < 0 ? this.source.length : end;
      return this.read();
    }
    if (this.at >= this.source.length) return null;
    const start = this.at;
    const make = (kind, text) => ({ kind, text, start });
    const c = String.fromCodePoint(this.source.codePointAt(this.at));
    this.at += c.length;
    if (c === "\\") {
      const name = /^(?:[a-zA-Z]+|[\s\S])/.exec(this.source.slice(this.at, this.at + 40))?.[0];
      if (!name) throw new TeXError("a backslash at the end");
      this.at += name.length;
      return make("command", /^\s$/.test(name) ? " " : name);
    }
    if ("{}^_&".includes(c)) return make(c, c);
    if (/[a-zA-Z]/.test(c)) return make("letter", c);
    if (/[0-9]/.test(c)) {
      const rest = /^[0-9]*(?:(?:\.|,(?=[0-9]{3}))[0-9]+)*/.exec(this.source.slice(this.at, this.at + 400))[0];
      this.at += rest.length;
      return make("digits", c + rest);
    }
    return make("symbol", c);
  }
}
