// What a TeX command without arguments means in MathML. Characters only: nothing here comes from a message.

const pairsOf = (text) => Object.fromEntries(text.trim().split(/\s+/).map((entry) => entry.split(":")));

/** Commands that become identifiers. */
export const identifiers = pairsOf(`
  alpha:α beta:β gamma:γ delta:δ epsilon:ϵ varepsilon:ε zeta:ζ eta:η theta:θ vartheta:ϑ iota:ι kappa:κ lambda:λ mu:μ
  nu:ν xi:ξ pi:π varpi:ϖ rho:ρ varrho:ϱ sigma:σ varsigma:ς tau:τ upsilon:υ phi:ϕ varphi:φ chi:χ psi:ψ omega:ω
  omicron:ο Gamma:Γ Delta:Δ Theta:Θ Lambda:Λ Xi:Ξ Pi:Π Sigma:Σ Upsilon:Υ Phi:Φ Psi:Ψ Omega:Ω infty:∞ partial:∂
  nabla:∇ hbar:ℏ ell:ℓ Re:ℜ Im:ℑ aleph:ℵ beth:ℶ emptyset:∅ varnothing:∅ imath:ı jmath:ȷ wp:℘ top:⊤ bot:⊥ angle:∠
  triangle:△ square:□ Box:□ blacksquare:■ qed:∎ degree:° checkmark:✓ dagger:† ddagger:‡ prime:′ flat:♭ sharp:♯`);

/** Commands that become operators. */
export const operators = pairsOf(`
  times:× div:÷ cdot:⋅ pm:± mp:∓ ast:∗ star:⋆ circ:∘ bullet:∙ oplus:⊕ ominus:⊖ otimes:⊗ odot:⊙ setminus:∖ wedge:∧
  land:∧ vee:∨ lor:∨ cap:∩ cup:∪ sqcap:⊓ sqcup:⊔ uplus:⊎ amalg:⨿ le:≤ leq:≤ leqslant:⩽ ge:≥ geq:≥ geqslant:⩾ ne:≠
  neq:≠ equiv:≡ sim:∼ simeq:≃ approx:≈ cong:≅ propto:∝ ll:≪ gg:≫ prec:≺ succ:≻ preceq:⪯ succeq:⪰ in:∈ notin:∉ ni:∋
  subset:⊂ supset:⊃ subseteq:⊆ supseteq:⊇ subsetneq:⊊ supsetneq:⊋ mid:∣ nmid:∤ parallel:∥ perp:⊥ vdash:⊢ models:⊨
  forall:∀ exists:∃ nexists:∄ neg:¬ lnot:¬ to:→ rightarrow:→ leftarrow:← gets:← leftrightarrow:↔ Rightarrow:⇒
  Leftarrow:⇐ Leftrightarrow:⇔ implies:⟹ impliedby:⟸ iff:⟺ longrightarrow:⟶ longleftarrow:⟵ Longrightarrow:⟹
  Longleftrightarrow:⟺ mapsto:↦ longmapsto:⟼ hookrightarrow:↪ uparrow:↑ downarrow:↓ updownarrow:↕ nearrow:↗
  searrow:↘ rightharpoonup:⇀ rightleftharpoons:⇌ ldots:… dots:… cdots:⋯ vdots:⋮ ddots:⋱ dotsc:… dotsb:⋯
  therefore:∴ because:∵ colon:: vert:| Vert:‖ backslash:\\ triangleq:≜ coloneqq:≔ doteq:≐ asymp:≍ bowtie:⋈
  lt:< gt:> trianglelefteq:⊴ triangleleft:◁ rtimes:⋊ ltimes:⋉ lVert:‖ rVert:‖ lvert:| rvert:|`);

/** Operators whose limits stand above and below in display style. */
export const largeOperators = pairsOf(`
  sum:∑ prod:∏ coprod:∐ bigcup:⋃ bigcap:⋂ bigoplus:⨁ bigotimes:⨂ bigvee:⋁ bigwedge:⋀ bigsqcup:⨆ biguplus:⨄`);

/** Integral signs: large, limits beside them. */
export const integrals = pairsOf("int:∫ iint:∬ iiint:∭ oint:∮ smallint:∫");

/** Named functions; true where limits go below. */
export const functions = Object.fromEntries([
  ..."sin cos tan cot sec csc arcsin arccos arctan sinh cosh tanh coth exp log ln lg deg dim ker hom arg sgn erf tr"
    .split(" ").map((name) => [name, false]),
  ..."lim max min sup inf det gcd lcm Pr argmax argmin".split(" ").map((name) => [name, true]),
  ["limsup", true], ["liminf", true],
]);

/** Delimiters by the name that follows \left, \right and \big. */
export const delimiters = {
  "(": "(", ")": ")", "[": "[", "]": "]", "|": "|", "/": "/", ".": "", "<": "⟨", ">": "⟩",
  ...pairsOf(`langle:⟨ rangle:⟩ lfloor:⌊ rfloor:⌋ lceil:⌈ rceil:⌉ lvert:| rvert:| lVert:‖ rVert:‖ vert:| Vert:‖
    lbrace:{ rbrace:} lbrack:[ rbrack:] uparrow:↑ downarrow:↓ backslash:\\ lgroup:⟮ rgroup:⟯`),
  "{": "{", "}": "}",
};

/** Spaces, in em. */
export const spaces = {
  ",": "0.167em", ":": "0.222em", ">": "0.222em", ";": "0.278em", "!": "-0.167em", " ": "0.25em", quad: "1em",
  qquad: "2em", thinspace: "0.167em", enspace: "0.5em", medspace: "0.222em", thickspace: "0.278em",
};

/** Accents above or below; `stretchy` ones reach over their whole base. */
export const accents = {
  hat: { text: "^" }, bar: { text: "¯" }, vec: { text: "→" }, dot: { text: "˙" }, ddot: { text: "¨" },
  tilde: { text: "~" }, check: { text: "ˇ" }, breve: { text: "˘" }, acute: { text: "´" }, grave: { text: "`" },
  mathring: { text: "˚" }, widehat: { text: "^", stretchy: true }, widetilde: { text: "~", stretchy: true },
  overline: { text: "‾", stretchy: true }, overrightarrow: { text: "→", stretchy: true },
  overleftarrow: { text: "←", stretchy: true }, overbrace: { text: "⏞", stretchy: true },
  underline: { text: "_", stretchy: true, under: true }, underbrace: { text: "⏟", stretchy: true, under: true },
};

/** Environments of rows and cells: fences around, how columns align. */
export const environments = {
  matrix: {}, smallmatrix: {}, pmatrix: { open: "(", close: ")" }, bmatrix: { open: "[", close: "]" },
  Bmatrix: { open: "{", close: "}" }, vmatrix: { open: "|", close: "|" }, Vmatrix: { open: "‖", close: "‖" },
  cases: { open: "{", close: "", columns: "left" }, rcases: { open: "", close: "}", columns: "left" },
  array: { spec: true }, aligned: { columns: "pairs" }, align: { columns: "pairs" }, "align*": { columns: "pairs" },
  alignat: { columns: "pairs", spec: true }, "alignat*": { columns: "pairs", spec: true }, split: { columns: "pairs" },
  eqnarray: { columns: "pairs" }, gathered: {}, gather: {}, "gather*": {}, equation: {}, "equation*": {}, multline: {},
  "multline*": {}, subarray: { spec: true },
};

const alphabets = {
  bold: { upper: 0x1d400, lower: 0x1d41a, digit: 0x1d7ce }, italic: { upper: 0x1d434, lower: 0x1d44e },
  script: { upper: 0x1d49c, lower: 0x1d4b6 }, fraktur: { upper: 0x1d504, lower: 0x1d51e },
  double: { upper: 0x1d538, lower: 0x1d552, digit: 0x1d7d8 }, sans: { upper: 0x1d5a0, lower: 0x1d5ba, digit: 0x1d7e2 },
  mono: { upper: 0x1d670, lower: 0x1d68a, digit: 0x1d7f6 },
};

/** Letters that stood in Unicode before the mathematical alphabets and have no place there. */
const exceptions = {
  italic: { h: "ℎ" },
  script: { B: "ℬ", E: "ℰ", F: "ℱ", H: "ℋ", I: "ℐ", L: "ℒ", M: "ℳ", R: "ℛ", e: "ℯ", g: "ℊ", o: "ℴ" },
  fraktur: { C: "ℭ", H: "ℌ", I: "ℑ", R: "ℜ", Z: "ℨ" },
  double: { C: "ℂ", H: "ℍ", N: "ℕ", P: "ℙ", Q: "ℚ", R: "ℝ", Z: "ℤ" },
};

/** One character in another mathematical alphabet: MathML Core left `mathvariant` to Unicode. */
export function inAlphabet(character, alphabet) {
  const table = alphabets[alphabet];
  if (!table) return character;
  const exception = exceptions[alphabet]?.[character];
  if (exception) return exception;
  const code = character.charCodeAt(0);
  if (/^[A-Z]$/.test(character)) return String.fromCodePoint(table.upper + code - 65);
  if (/^[a-z]$/.test(character)) return String.fromCodePoint(table.lower + code - 97);
  if (/^[0-9]$/.test(character) && table.digit) return String.fromCodePoint(table.digit + code - 48);
  if (alphabet === "bold" && /^[α-ω]$/.test(character)) return String.fromCodePoint(0x1d6c2 + code - 0x3b1);
  return character;
}
