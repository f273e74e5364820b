// A conversation as a value: what is kept, sent, exported and read back. Pure, so it is tested without a browser.

/** The format written to files; a reader refuses what it does not know. */
const exportFormat = "brigade-conversations";
const exportVersion = 1;
const largestImport = 5000;

/** The settings a request may carry: name in the request, label, range, step, a word on what it does. */
export const settings = [
  { name: "temperature", label: "Temperature", minimum: 0, maximum: 2, step: 0.05,
    hint: "0 always takes the likeliest token" },
  { name: "top_p", label: "Top P", minimum: 0, maximum: 1, step: 0.01, hint: "likeliest tokens up to this share" },
  { name: "top_k", label: "Top K", minimum: 0, maximum: 1000, step: 1, hint: "this many likeliest tokens; 0 for all" },
  { name: "min_p", label: "Min P", minimum: 0, maximum: 1, step: 0.01, hint: "at least this share of the likeliest" },
  { name: "repeat_penalty", label: "Repeat penalty", minimum: 0.5, maximum: 2, step: 0.01, hint: "1 is none" },
  { name: "presence_penalty", label: "Presence penalty", minimum: -2, maximum: 2, step: 0.1, hint: "0 is none" },
  { name: "frequency_penalty", label: "Frequency penalty", minimum: -2, maximum: 2, step: 0.1, hint: "0 is none" },
  { name: "max_tokens", label: "Max tokens", minimum: 1, maximum: 1_000_000, step: 1,
    hint: "of the answer, thinking included" },
  { name: "seed", label: "Seed", minimum: 0, maximum: 2 ** 53 - 1, step: 1,
    hint: "the same seed gives the same answer" },
];

export function newID() {
  // randomUUID is missing where the page is served from another machine without TLS.
  return [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function newConversation(model = null, now = Date.now()) {
  return { id: newID(), title: "", created: now, updated: now, model, system: "", parameters: {}, messages: [] };
}

export function newMessage(role, content = "") {
  return { id: newID(), role, content };
}

/** The title people see: their own, else the first question's first line. */
export function titleOf(conversation) {
  if (conversation.title) return conversation.title;
  const first = conversation.messages.find((message) => message.role === "user")?.content ?? "";
  const line = first.trim().split("\n")[0].replace(/\s+/g, " ");
  return line ? (line.length > 60 ? `${line.slice(0, 58).trimEnd()}…` : line) : "New conversation";
}

/** Whether every word of the query occurs in the title or in a message. */
export function matches(conversation, query) {
  const words = query.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return true;
  const texts = [titleOf(conversation), ...conversation.messages.map((message) => message.content)];
  const text = texts.join("\n").toLocaleLowerCase();
  return words.every((word) => text.includes(word));
}

/** The body of the request that continues the conversation. Thinking is not sent back: models are not made for that. */
export function requestBody(conversation, model) {
  const messages = conversation.messages
    .filter((message) => message.content.trim() !== "")
    .map(({ role, content }) => ({ role, content }));
  if (conversation.system.trim()) messages.unshift({ role: "system", content: conversation.system });
  const { stop, ...numbers } = conversation.parameters;
  return {
    model, messages, stream: true, stream_options: { include_usage: true }, ...numbers,
    ...(stop?.length ? { stop } : {}),
  };
}

/** The number in a field: undefined if it is empty, null if it is no number in the setting's range. */
export function readSetting(setting, text) {
  if (text.trim() === "") return undefined;
  const value = Number(text);
  const whole = setting.step === 1;
  const valid = Number.isFinite(value) && value >= setting.minimum && value <= setting.maximum &&
    (!whole || Number.isInteger(value));
  return valid ? value : null;
}

/** The defaults in the text that /api/show gives: "temperature 0.6\nstop \"<|im_end|>\"". */
export function readDefaults(parameters) {
  const defaults = {};
  const named = { num_predict: "max_tokens" };
  for (const line of (parameters ?? "").split("\n")) {
    const [, name, value] = /^\s*(\w+)\s+(.+?)\s*$/.exec(line) ?? [];
    // Ollama writes "no limit" as -1.
    if (name && name !== "stop" && !(name === "num_predict" && Number(value) < 0))
      defaults[named[name] ?? name] = value;
  }
  return defaults;
}

/** Says at an answer that was still under way when the page was closed that nothing more will come. */
export function markInterrupted(conversation) {
  const last = conversation.messages.at(-1);
  if (last?.role === "assistant" && last.tokens === undefined && !last.error && !last.note)
    last.note = "Cut off when the page was closed.";
}

export function exportText(conversations) {
  return JSON.stringify(
    { format: exportFormat, version: exportVersion, exported: new Date().toISOString(), conversations }, null, 1);
}

/**
 * Reads exported conversations. Everything is checked and rebuilt field by field: a file is somebody else's word.
 *
 * @throws {Error} with what was found and what was expected
 */
export function importText(text) {
  let file;
  try { file = JSON.parse(text); } catch { throw new Error("This file is not JSON."); }
  if (file?.format !== exportFormat) throw new Error("This file does not hold Brigade's conversations.");
  if (file.version !== exportVersion)
    throw new Error(`This file has version ${file.version}; this page reads version ${exportVersion}.`);
  if (!Array.isArray(file.conversations) || file.conversations.length > largestImport) {
    throw new Error(`This file should hold a list of at most ${largestImport} conversations.`);
  }
  return file.conversations.map(readConversation);
}

function readConversation(value, index) {
  const fail = (what) => { throw new Error(`Conversation ${index + 1} of the file has ${what}.`); };
  if (typeof value !== "object" || value === null || !Array.isArray(value.messages)) fail("no list of messages");
  const messages = value.messages.map((message) => {
    if (!["user", "assistant"].includes(message?.role) || typeof message.content !== "string")
      fail("a message without role or text");
    const read = newMessage(message.role, message.content);
    if (typeof message.thinking === "string") read.thinking = message.thinking;
    for (const key of ["thinking_ms", "prompt_tokens", "cached_tokens", "tokens", "tokens_per_second",
      "first_token_ms"]) {
      if (Number.isFinite(message[key])) read[key] = message[key];
    }
    for (const key of ["model", "note", "error"]) if (typeof message[key] === "string") read[key] = message[key];
    return read;
  });
  const conversation = { ...newConversation(typeof value.model === "string" ? value.model : null), messages };
  if (typeof value.title === "string") conversation.title = value.title.slice(0, 200);
  if (typeof value.system === "string") conversation.system = value.system;
  for (const key of ["created", "updated"]) if (Number.isFinite(value[key])) conversation[key] = value[key];
  for (const setting of settings) {
    const number = readSetting(setting, String(value.parameters?.[setting.name] ?? ""));
    if (number !== null && number !== undefined) conversation.parameters[setting.name] = number;
  }
  const stop = value.parameters?.stop;
  if (Array.isArray(stop)) conversation.parameters.stop = stop.filter((text) => typeof text === "string" && text)
    .slice(0, 4);
  return conversation;
}
