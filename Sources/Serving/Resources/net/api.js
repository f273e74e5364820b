// Calls to the server that served this page, and to no other: the key if it asks for one, errors with words, and
// word of the connection's loss.

import { ask } from "../shell/notices.js";
import { connectionLost, connectionWell } from "./connection.js";

const keyName = "brigade.key";
let asking = null;

/** What the server answered instead of what was asked for. `status` is 0 if it could not be reached. */
export class ServerError extends Error {
  constructor(message, { status = 0, code = null, retryAfter = null } = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.retryAfter = retryAfter;
  }
}

/**
 * One call, with a body sent as JSON.
 *
 * @returns {Promise<Response>} a response whose status is a success
 * @throws {ServerError} for every other outcome; an AbortError if `signal` ended it
 */
export async function call(path, { method = "GET", body = undefined, signal = undefined, quiet = false } = {}) {
  for (;;) {
    const key = storedKey();
    const response = await reach(path, {
      method, signal, cache: "no-store",
      headers: { ...(body === undefined ? {} : { "Content-Type": "application/json" }),
        ...(key ? { Authorization: `Bearer ${key}` } : {}) },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    if (response.ok) return response;
    if (response.status === 401 && !quiet && await askForKey(key)) continue;
    throw await errorOf(response);
  }
}

export async function callJSON(path, options) {
  const response = await call(path, options);
  try {
    return await response.json();
  } catch {
    throw new ServerError(`The server answered ${path} with something that is not JSON.`, { status: response.status });
  }
}

async function reach(path, options) {
  try {
    const response = await fetch(new URL(path, document.baseURI), options);
    connectionWell();
    return response;
  } catch (error) {
    if (error.name === "AbortError") throw error;
    connectionLost();
    throw new ServerError("The server cannot be reached.");
  }
}

async function errorOf(response) {
  const retryAfter = parseInt(response.headers.get("Retry-After"), 10) || null;
  let message = "", code = null;
  try {
    const text = await response.text();
    const { error } = JSON.parse(text);
    message = typeof error === "string" ? error : error?.message ?? "";
    code = error?.code ?? null;
  } catch { /* without a body the status has to say it */ }
  if (!message) message = standard[response.status] ?? `The server answered with status ${response.status}.`;
  return new ServerError(message, { status: response.status, code, retryAfter });
}

const standard = {
  401: "The server asks for an API key.", 404: "The server does not have this.",
  413: "The request is too large for the server.",
  429: "The server has as many requests as it takes.", 503: "The server is not ready yet.",
};

function storedKey() {
  try { return sessionStorage.getItem(keyName); } catch { return null; }
}

/** Asks once however many calls were refused; true if there is a new key to try. */
async function askForKey(refused) {
  if (storedKey() !== refused) return true;
  asking ??= ask("API key", {
    label: "Key", type: "password", button: "Use this key",
    note: refused ? "The server did not accept this key."
      : "This server asks for an API key. It is kept until this tab is closed.",
  }).finally(() => { asking = null; });
  const key = (await asking)?.trim();
  if (!key) return false;
  try { sessionStorage.setItem(keyName, key); } catch { return false; }
  return true;
}
