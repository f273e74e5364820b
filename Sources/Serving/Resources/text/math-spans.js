// Finds maths inside running text: $..$, $$..$$, \(..\), \[..\].

/** A span longer than this is not searched for its end; it bounds the work on a text full of dollar signs. */
const longest = 4000;

/**
 * The maths that begins at `at`, or null.
 *
 * A single dollar opens only before a character that is not white space, and closes only after one and not before a
 * digit,
 * so that "$5 and $6" stays money.
 *
 * @param {string} text
 * @param {number} at
 * @returns {{tex: string, display: boolean, end: number} | null}
 */
export function findMath(text, at) {
  const two = text.slice(at, at + 2);
  if (two === "$$") return closed(text, at + 2, "$$", true);
  if (two === "\\(") return closed(text, at + 2, "\\)", false);
  if (two === "\\[") return closed(text, at + 2, "\\]", true);
  if (text[at] !== "$" || /[\s$]/.test(text[at + 1] ?? " ")) return null;
  const limit = Math.min(text.length, at + longest);
  for (let i = at + 1; i < limit; i++) {
    if (text[i] === "\\") { i++; continue; }
    if (text[i] === "\n" && text[i + 1] === "\n") return null;
    if (text[i] !== "$") continue;
    if (/\s/.test(text[i - 1]) || /\d/.test(text[i + 1] ?? "")) return null;
    return { tex: text.slice(at + 1, i), display: false, end: i + 1 };
  }
  return null;
}

function closed(text, from, close, display) {
  const end = text.slice(from, from + longest).indexOf(close);
  const tex = text.slice(from, from + end).trim();
  return end < 0 || tex === "" ? null : { tex, display, end: from + end + close.length };
}
