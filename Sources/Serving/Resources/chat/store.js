// Where conversations live: in memory for use, in the browser's IndexedDB to last. If that is refused, as in some
// private
// windows, the page works all the same and says that nothing will be kept.

import { markInterrupted } from "./conversation.js";

const storeName = "conversations";
const conversations = new Map();
const dirty = new Set();
let database = null, saving = null, timer = null;
const listeners = new Set();
const tabs = "BroadcastChannel" in window ? new BroadcastChannel("brigade.conversations") : null;

/**
 * Opens the store; false if nothing will last. `isBusy` says whether a conversation is being written to here, in which
 * case another tab's word on it is not taken.
 */
export async function openStore(isBusy) {
  try {
    database = await openDatabase();
    for (const conversation of await finished(database.transaction(storeName).objectStore(storeName).getAll())) {
      markInterrupted(conversation);
      conversations.set(conversation.id, conversation);
    }
  } catch {
    database = null;
  }
  addEventListener("pagehide", () => { saveNow(); });
  document.addEventListener("visibilitychange", () => { if (document.hidden) saveNow(); });
  tabs?.addEventListener("message", ({ data }) => { if (!isBusy(data.id)) reload(data.id); });
  return database !== null;
}

/** Newest first. */
export function allConversations() {
  return [...conversations.values()].sort((a, b) => b.updated - a.updated);
}

export function conversation(id) {
  return conversations.get(id) ?? null;
}

/** Calls `action` when the list or a conversation in it was changed by another tab. */
export function whenChangedElsewhere(action) {
  listeners.add(action);
}

/** Keeps a conversation; it is written soon, not at each token of a stream. */
export function keep(conversation) {
  conversations.set(conversation.id, conversation);
  dirty.add(conversation.id);
  timer ??= setTimeout(saveNow, 800);
}

export function forget(id) {
  conversations.delete(id);
  dirty.add(id);
  saveNow();
}

/** Writes what has changed. */
export async function saveNow() {
  clearTimeout(timer);
  timer = null;
  if (!database || dirty.size === 0) return;
  const ids = [...dirty];
  dirty.clear();
  try {
    const transaction = database.transaction(storeName, "readwrite");
    const store = transaction.objectStore(storeName);
    for (const id of ids) {
      if (conversations.has(id)) store.put(conversations.get(id));
      else store.delete(id);
    }
    saving = new Promise((resolve, reject) => {
      transaction.oncomplete = resolve;
      transaction.onerror = transaction.onabort = reject;
    });
    await saving;
    for (const id of ids) tabs?.postMessage({ id });
  } catch {
    for (const id of ids) dirty.add(id);
    timer ??= setTimeout(saveNow, 5000);
  }
}

async function reload(id) {
  if (!database || dirty.has(id)) return;
  const found = await finished(database.transaction(storeName).objectStore(storeName).get(id));
  if (found) conversations.set(id, found); else conversations.delete(id);
  for (const action of listeners) action(id);
}

function openDatabase() {
  const request = indexedDB.open("brigade", 1);
  request.onupgradeneeded = () => request.result.createObjectStore(storeName, { keyPath: "id" });
  return finished(request);
}

function finished(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
    request.onblocked = () => reject(new Error("blocked"));
  });
}
