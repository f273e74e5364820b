// Colours for code: comments, strings, numbers, keywords, names of types and calls. One line at a time with a state
// carried along, so that a code block that still grows is coloured only where it grows.

const words = (text) => new Set(text.split(/\s+/));
const cLike = { line: ["//"], block: ["/*", "*/"], quotes: ['"', "'"] };
const families = {
  swift: { ...cLike, triple: ['"""'], quotes: ['"'],
    words: words(
      "actor any as associatedtype async await borrowing break case catch class consuming continue default defer " +
      "deinit do else enum extension fallthrough false fileprivate for func guard if import in indirect init " +
      "inout internal is isolated let mutating nil nonisolated open operator override package private protocol " +
      "public repeat rethrows return self Self sending some static struct subscript super switch throw throws " +
      "true try typealias var weak where while") },
  python: { line: ["#"], triple: ['"""', "'''"], quotes: ['"', "'"],
    words: words(
      "and as assert async await break case class continue def del elif else except False finally for from global " +
      "if import in is lambda match None nonlocal not or pass raise return self True try while with yield") },
  script: { ...cLike, quotes: ['"', "'", "`"], triple: [],
    words: words(
      "abstract any as async await boolean break case catch class const continue debugger declare default delete do " +
      "else enum export extends false finally for from function get if implements import in instanceof interface " +
      "keyof let namespace never new null number of package private protected public readonly return set static " +
      "string super switch this throw true try type typeof undefined unknown var void while with yield") },
  c: { ...cLike,
    words: words(
      "alignas auto bool break case catch char class concept const constexpr continue default define delete do " +
      "double else endif enum explicit extern false final float for friend goto if ifdef ifndef include inline " +
      "int long mutable namespace new noexcept nullptr operator override private protected public register " +
      "return short signed size_t sizeof static std struct switch template this throw true try typedef " +
      "typename union unsigned using virtual void volatile while int8_t int32_t int64_t uint8_t uint32_t " +
      "uint64_t") },
  java: { ...cLike,
    words: words(
      "abstract assert boolean break byte case catch char class companion const continue data default do double " +
      "else enum extends false final finally float for fun if implements import in instanceof int interface " +
      "internal is lateinit let long namespace native new null object out override package private protected " +
      "public readonly record return sealed short static string super switch synchronized this throw throws " +
      "transient true try using val var virtual void volatile when while yield") },
  go: { ...cLike, quotes: ['"', "'", "`"],
    words: words(
      "any bool break byte case chan const continue default defer else error fallthrough false float64 for func go " +
      "goto if import int int64 interface map nil package range return rune select string struct switch true type " +
      "uint8 var") },
  rust: { ...cLike, quotes: ['"'],
    words: words(
      "as async await bool break char const continue crate dyn else enum extern false f32 f64 fn for i32 i64 if " +
      "impl in let loop match mod move mut pub ref return self Self static str struct super trait true type u8 " +
      "u32 u64 unsafe use usize where while") },
  shell: { line: ["#"], quotes: ['"', "'"],
    words: words(
      "case do done echo elif else esac exit export fi for function if in local read return set shift source sudo " +
      "then trap unset until while cd mkdir rm cp mv cat grep sed awk") },
  sql: { line: ["--"], block: ["/*", "*/"], quotes: ["'", '"'], anyCase: true,
    words: words(
      "add all alter and as asc between by case create cross default delete desc distinct drop else end exists " +
      "foreign from full group having if in index inner insert into is join key left like limit not null offset " +
      "on or order outer primary references right select set table then union unique update using values view " +
      "when where with") },
  data: { line: ["#"], quotes: ['"', "'"], words: words("true false null yes no on off") },
  json: { quotes: ['"'], words: words("true false null") },
  markup: { block: ["<!--", "-->"], quotes: ['"', "'"], markup: true, words: new Set() },
  css: { block: ["/*", "*/"], quotes: ['"', "'"], words: words("important media supports import from to") },
};
const names = {
  swift: "swift", py: "python", python: "python", js: "script", javascript: "script", jsx: "script", ts: "script",
  tsx: "script", typescript: "script", mjs: "script", c: "c", h: "c", cpp: "c", "c++": "c", cc: "c", objc: "c",
  cuda: "c", glsl: "c", java: "java", kotlin: "java", kt: "java", scala: "java", "c#": "java", csharp: "java",
  cs: "java", dart: "java", php: "java", go: "go", golang: "go", rust: "rust", rs: "rust", sh: "shell", bash: "shell",
  zsh: "shell", shell: "shell", console: "shell", dockerfile: "shell", sql: "sql", yaml: "data", yml: "data",
  toml: "data", ini: "data", ruby: "python", rb: "python", json: "json", jsonc: "script", html: "markup", xml: "markup",
  svg: "markup", css: "css", scss: "css",
};

/** How a label reads above the block. */
const labels = {
  js: "JavaScript", javascript: "JavaScript", ts: "TypeScript", typescript: "TypeScript", py: "Python", cpp: "C++",
  "c++": "C++",
  cs: "C#", csharp: "C#", sh: "Shell", bash: "Bash", html: "HTML", css: "CSS", json: "JSON", yaml: "YAML", yml: "YAML",
  sql: "SQL", xml: "XML", toml: "TOML", rs: "Rust", kt: "Kotlin", rb: "Ruby", php: "PHP", tex: "TeX", latex: "LaTeX",
};

export function languageLabel(language) {
  if (!language) return "Code";
  const key = language.toLowerCase();
  return Object.hasOwn(labels, key) ? labels[key] : language[0].toUpperCase() + language.slice(1, 24);
}

/** Makes a function (line, state) → {tokens: [{kind, text}], state}; the state of the first line is null. */
export function highlighter(language) {
  const key = (language || "").toLowerCase();
  const family = Object.hasOwn(names, key) ? families[names[key]] : null;
  if (!family) return (line) => ({ tokens: [{ kind: "", text: line }], state: null });
  return (line, state) => readLine(line, state, family);
}

function readLine(line, state, family) {
  const tokens = [];
  let at = 0;
  const push = (kind, text) => {
    const last = tokens.at(-1);
    if (last && last.kind === kind) last.text += text;
    else if (text) tokens.push({ kind, text });
  };
  const through = (kind, from, close) => {
    const end = line.indexOf(close, from);
    push(kind, line.slice(at, end < 0 ? line.length : end + close.length));
    at = end < 0 ? line.length : end + close.length;
    return end < 0 ? { kind, close } : null;
  };
  if (state) state = through(state.kind, 0, state.close);
  while (at < line.length) {
    const comment = family.line?.find((mark) => line.startsWith(mark, at));
    if (comment && (comment !== "#" || at === 0 || /\s/.test(line[at - 1]))) { push("comment", line.slice(at)); break; }
    if (family.block && line.startsWith(family.block[0], at)) {
      state = through("comment", at + family.block[0].length, family.block[1]); continue;
    }
    const triple = family.triple?.find((mark) => line.startsWith(mark, at));
    if (triple) { state = through("string", at + triple.length, triple); continue; }
    const c = line[at];
    if (family.quotes?.includes(c)) {
      const end = endOfString(line, at, c); push("string", line.slice(at, end)); at = end; continue;
    }
    if (/[0-9]/.test(c)) { at = take(/[0-9a-fA-FxXoObB_.]+/y, "number", at); continue; }
    if (family.markup && c === "<") { at = take(/<\/?[\w:-]*/y, "keyword", at); continue; }
    if (/[\p{L}_@#$]/u.test(c)) { at = take(/[\p{L}_@#$][\p{L}\p{N}_$]*/uy, "name", at); continue; }
    push("", c); at++;
  }
  return { tokens, state };

  function take(pattern, kind, from) {
    pattern.lastIndex = from;
    const text = pattern.exec(line)[0], end = from + text.length;
    push(kind === "name" ? kindOfName(text, line[end], family) : kind, text);
    return end;
  }
}

function kindOfName(text, following, family) {
  if (family.words.has(family.anyCase ? text.toLowerCase() : text)) return "keyword";
  if (/^[@#]/.test(text)) return "keyword";
  if (following === "(") return "call";
  return /^\p{Lu}/u.test(text) && !family.markup ? "type" : "";
}

function endOfString(line, at, quote) {
  for (let i = at + 1; i < line.length; i++) {
    if (line[i] === "\\") i++;
    else if (line[i] === quote) return i + 1;
  }
  return line.length;
}
