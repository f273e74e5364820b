// What each TeX command does with the parser that met it.

import { TeXError, element, group, operator } from "./tex.js";
import {
  accents, delimiters, environments, functions, identifiers, inAlphabet, integrals, largeOperators, operators, spaces,
} from "./tex-symbols.js";

const alphabetsByCommand = {
  mathbf: "bold", boldsymbol: "bold", bm: "bold", textbf: "bold", mathbb: "double", mathcal: "script",
  mathscr: "script", mathfrak: "fraktur", mathsf: "sans", mathtt: "mono", mathit: "italic",
};
const sizes = { big: "1.2em", Big: "1.8em", bigg: "2.4em", Bigg: "3em" };
const ignored = new Set([
  "displaystyle", "textstyle", "scriptstyle", "limits", "nolimits", "nonumber", "notag", "hline", "left.", "mathstrut",
  "allowbreak", "nobreak", "normalsize", "small", "large", "centering",
]);
const escaped = new Set(["{", "}", "%", "$", "#", "_", "&"]);

/** The element for command `name`, or null if it leaves no trace. */
export function parseCommand(parser, name) {
  if (Object.hasOwn(identifiers, name)) return parser.letter(identifiers[name]);
  if (Object.hasOwn(operators, name))
    return operator(operators[name], name === "mid" ? { lspace: "0.28em", rspace: "0.28em" } : {});
  if (Object.hasOwn(largeOperators, name)) {
    return { ...operator(largeOperators[name], { largeop: "true", movablelimits: "true" }), limits: "display" };
  }
  if (Object.hasOwn(integrals, name)) return operator(integrals[name], { largeop: "true" });
  if (Object.hasOwn(functions, name)) return namedFunction(name, functions[name]);
  if (Object.hasOwn(spaces, name)) return element("mspace", { width: spaces[name] }, []);
  if (Object.hasOwn(accents, name)) return accent(parser, accents[name]);
  if (Object.hasOwn(alphabetsByCommand, name)) return inOtherAlphabet(parser, alphabetsByCommand[name]);
  if (escaped.has(name)) return operator(name, "{}".includes(name) ? { stretchy: "false" } : {});
  if (name === "|") return operator("‖", { stretchy: "false" });
  if (ignored.has(name)) return null;
  const size = /^(big|Big|bigg|Bigg)[lrm]?$/.exec(name);
  if (size) return operator(delimiter(parser), { stretchy: "true", minsize: sizes[size[1]], maxsize: sizes[size[1]] });
  return Object.hasOwn(structures, name) ? structures[name](parser) : unknown(name);
}

function unknown(name) {
  if (Object.hasOwn(delimiters, name)) return operator(delimiters[name], { stretchy: "false" });
  throw new TeXError(`\\${name}`);
}

function namedFunction(name, limits) {
  const text = { limsup: "lim sup", liminf: "lim inf", argmax: "arg max", argmin: "arg min" }[name] ?? name;
  const made = operator(text,
    { form: "prefix", lspace: "0", rspace: "0.167em", ...(limits ? { movablelimits: "true" } : {}) });
  return limits ? { ...made, limits: "display" } : made;
}

function accent(parser, { text, stretchy, under }) {
  const mark = operator(text, stretchy ? { stretchy: "true" } : { stretchy: "false" });
  const base = parser.argument();
  const made = element(under ? "munder" : "mover", under ? {} : { accent: "true" }, [base, mark]);
  return text === "⏞" || text === "⏟" ? { ...made, limits: "brace" } : made;
}

function inOtherAlphabet(parser, alphabet) {
  return withAlphabet(parser, { map: (text) => [...text].map((c) => inAlphabet(c, alphabet)).join("") });
}

function withAlphabet(parser, alphabet) {
  const outer = parser.alphabet;
  parser.alphabet = alphabet;
  const made = parser.argument();
  parser.alphabet = outer;
  return made;
}

/** The delimiter that follows \left, \right or \big. */
function delimiter(parser) {
  const token = parser.lexer.next();
  const text = token && Object.hasOwn(delimiters, token.text) ? delimiters[token.text] : token?.text === "|"
    ? "|" : null;
  if (token?.kind === "command" && token.text === "|") return "‖";
  if (text === null) throw new TeXError(`${token?.text ?? "nothing"} as a delimiter`);
  return text;
}

const fence = (text, form) => (text ? [operator(text, { stretchy: "true", fence: "true", form })] : []);
const plainText =
  (text) => text.replace(/\\([{}%$#_&])|\\[,;: ]|\$/g, (_, character) => character ?? " ").replace(/^ | $/g, "\u00a0");
const fraction = (attributes) => (parser) => element("mfrac", attributes, [parser.argument(), parser.argument()]);
const words = (parser) => element("mtext", {}, plainText(parser.lexer.rawBraced()));

const structures = {
  frac: fraction({}), dfrac: fraction({ displaystyle: "true" }), tfrac: fraction({ displaystyle: "false" }),
  cfrac: fraction({ displaystyle: "true" }),
  binom: binomial, dbinom: binomial, tbinom: binomial,
  sqrt(parser) {
    const degree = parser.lexer.rawBracketed();
    const base = parser.argument();
    if (degree === null) return element("msqrt", {}, [base]);
    const inner = new parser.constructor(degree);
    return element("mroot", {}, [base, group(inner.list())]);
  },
  text: words, textrm: words, textit: words, textnormal: words, mbox: words, hbox: words, textsf: words, texttt: words,
  mathrm(parser) { return withAlphabet(parser, { upright: true, map: (text) => text }); },
  rm(parser) { parser.alphabet = { upright: true, map: (text) => text }; return null; },
  bf(parser) { parser.alphabet = { map: (text) => [...text].map((c) => inAlphabet(c, "bold")).join("") };
    return null; },
  operatorname(parser) {
    const star = parser.lexer.take("symbol", "*");
    const made = operator(plainText(parser.lexer.rawBraced()), { form: "prefix", lspace: "0", rspace: "0.167em" });
    return star ? { ...made, limits: "display" } : made;
  },
  left(parser) {
    const open = delimiter(parser);
    const children = [];
    const atEnd = () => parser.lexer.isCommand("right") || parser.lexer.isCommand("middle");
    for (;;) {
      children.push(...parser.list(atEnd));
      if (!parser.lexer.takeCommand("middle")) break;
      children.push(operator(delimiter(parser), { stretchy: "true" }));
    }
    if (!parser.lexer.takeCommand("right")) throw new TeXError("a \\left without \\right");
    return element("mrow", {}, [...fence(open, "prefix"), ...children, ...fence(delimiter(parser), "postfix")]);
  },
  begin: environment,
  overset(parser) { const top = parser.argument(); return element("mover", {}, [parser.argument(), top]); },
  stackrel(parser) { return structures.overset(parser); },
  underset(parser) { const low = parser.argument(); return element("munder", {}, [parser.argument(), low]); },
  boxed(parser) { return element("mrow", { class: "boxed" }, [parser.argument()]); },
  fbox(parser) { return element("mrow", { class: "boxed" }, [words(parser)]); },
  phantom(parser) { return element("mphantom", {}, [parser.argument()]); },
  substack(parser) { return environmentBody(new parser.constructor(parser.lexer.rawBraced()), {}, null); },
  not(parser) {
    const base = parser.argument();
    if (base.text === undefined) throw new TeXError("\\not before a group");
    return { ...base, text: `${base.text}\u0338`.normalize("NFC") };
  },
  pmod(parser) {
    return element("mrow", {},
      [element("mspace", { width: "0.5em" }, []), operator("("), element("mi", {}, "mod"),
        element("mspace", { width: "0.25em" }, []), parser.argument(), operator(")")]); },
  bmod() { return operator("mod", { lspace: "0.28em", rspace: "0.28em" }); },
  mod(parser) {
    return element("mrow", {},
      [element("mspace", { width: "0.8em" }, []), element("mi", {}, "mod"), element("mspace", { width: "0.25em" }, []),
        parser.argument()]); },
  xrightarrow(parser) { return element("mover", {}, [operator("→", { stretchy: "true" }), parser.argument()]); },
  xleftarrow(parser) { return element("mover", {}, [operator("←", { stretchy: "true" }), parser.argument()]); },
  tag(parser) { return element("mtext", {}, `\u2003(${plainText(parser.lexer.rawBraced())})`); },
  label(parser) { parser.lexer.rawBraced(); return null; },
  color(parser) { parser.lexer.rawBraced(); return null; },
  textcolor(parser) { parser.lexer.rawBraced(); return parser.argument(); },
  hspace(parser) { parser.lexer.rawBraced(); return element("mspace", { width: "1em" }, []); },
  cancel(parser) { return element("mrow", { class: "cancelled" }, [parser.argument()]); },
};

function binomial(parser) {
  const parts = [parser.argument(), parser.argument()];
  return element("mrow", {}, [operator("("), element("mfrac", { linethickness: "0" }, parts), operator(")")]);
}

function environment(parser) {
  const name = parser.lexer.rawBraced().trim();
  if (!Object.hasOwn(environments, name)) throw new TeXError(`\\begin{${name}}`);
  const kind = environments[name];
  const columns = kind.spec ? parser.lexer.rawBraced() : "";
  const table = environmentBody(parser, { ...kind, columns: kind.columns ?? columns }, name);
  return element("mrow", {}, [...fence(kind.open, "prefix"), table, ...fence(kind.close, "postfix")]);
}

function environmentBody(parser, kind, name) {
  const rows = [[]];
  const atEnd = () => parser.lexer.peek()?.kind === "&" || parser.lexer.isCommand("\\") ||
    parser.lexer.isCommand("end");
  for (;;) {
    rows.at(-1).push(parser.list(atEnd));
    if (parser.lexer.take("&")) continue;
    if (parser.lexer.takeCommand("\\")) { parser.lexer.rawBracketed(); rows.push([]); continue; }
    break;
  }
  if (name !== null) {
    if (!parser.lexer.takeCommand("end") || parser.lexer.rawBraced().trim() !== name) {
      throw new TeXError(`\\begin{${name}} without its \\end`);
    }
  } else if (parser.lexer.peek()) throw new TeXError("an unexpected }");
  if (rows.length > 1 && rows.at(-1).every((cell) => cell.length === 0)) rows.pop();
  const made = rows.map((row) => element("mtr", {}, row.map((cell, i) => element("mtd", columnOf(kind, i), cell))));
  return element("mtable", kind.columns === "pairs" ? { displaystyle: "true", class: "aligned" } : {}, made);
}

/** A class, because MathML Core has no columnalign. */
function columnOf({ columns = "" }, index) {
  if (columns === "pairs") return { class: index % 2 === 0 ? "to-right" : "to-left" };
  if (columns === "left") return { class: "to-left" };
  const letter = columns.replace(/[^lcr]/g, "")[index];
  return letter === "l" ? { class: "to-left" } : letter === "r" ? { class: "to-right" } : {};
}
