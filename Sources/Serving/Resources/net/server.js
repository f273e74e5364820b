// What the server has: the models it serves and those it keeps, and their defaults.

import { callJSON } from "./api.js";
import { readDefaults } from "../chat/conversation.js";

const listeners = new Set();
const defaults = new Map();

/** `served` and `installed` hold what the lists of the server say; `error` is why they could not be read. */
export const server = { loaded: false, served: [], installed: [], error: null };

/** Calls `action` now and whenever the lists were read. */
export function whenModelsChange(action) {
  listeners.add(action);
  action();
}

/** Reads the lists anew. */
export async function refreshModels() {
  const [tags, running, known] =
    await Promise.allSettled([callJSON("api/tags"), callJSON("api/ps"), callJSON("v1/models")]);
  const named =
    (result) => (result.status === "fulfilled" && Array.isArray(result.value?.models) ? result.value.models : []);
  const ids = known.status === "fulfilled" && Array.isArray(known.value?.data)
    ? known.value.data.map(({ id }) => id) : [];
  server.installed = named(tags).map((model) => ({ ...model, name: model.name ?? model.model }));
  server.served = named(running).map((model) => model.name ?? model.model);
  // A server without /api/ps lists for OpenAI's clients what it serves.
  if (running.status === "rejected") server.served = ids;
  for (const id of ids) if (!server.installed.some(({ name }) => name === id)) server.installed.push({ name: id });
  server.error = tags.status === "rejected" && server.installed.length === 0 ? tags.reason.message : null;
  server.loaded = true;
  for (const action of listeners) action();
}

export function isServed(name) {
  return server.served.includes(name);
}

/** The model a conversation talks to: its own if it has one, else the one that is served. */
export function modelFor(conversation) {
  return conversation?.model ?? server.served[0] ?? server.installed[0]?.name ?? "";
}

/** What /api/show says of a model. */
export function showModel(name) {
  return callJSON("api/show", { method: "POST", body: { model: name } });
}

/** The model's defaults by the names of requests; empty if the server does not say. */
export async function defaultsOf(name) {
  if (!name) return {};
  if (!defaults.has(name)) {
    defaults.set(name,
      showModel(name).then((shown) => readDefaults(shown.parameters)).catch(() => {
        defaults.delete(name);
        return {};
      }));
  }
  return defaults.get(name);
}
