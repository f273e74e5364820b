// The state of the cluster as the server tells it: one picture at first, then each change, for as long as somebody
// looks.

import { call, callJSON } from "../net/api.js";
import { serverSentEvents } from "../net/streams.js";
import { merged } from "./picture.js";

const listeners = new Set();
let stream = null, retry = null, wait = 1, crowded = false;

/**
 * A browser opens six connections to a server over HTTP/1.1. With this many answers under way the feed gives up its
 * own.
 */
const crowd = 4;
const pollEvery = 2000;

/** The last picture, and why there is none: null, "absent" where the server has no such thing, or "lost". */
export const feed = { snapshot: null, trouble: null };

/** Calls `action` at each picture; the answer is a function that ends it. */
export function watchCluster(action) {
  listeners.add(action);
  if (feed.snapshot || feed.trouble) action(feed);
  start();
  return () => {
    listeners.delete(action);
    if (listeners.size === 0) stop();
  };
}

/** Told how many answers stream, the feed asks from time to time instead of holding a stream, or holds one again. */
export function makeRoomFor(answers) {
  if (crowded === (answers >= crowd)) return;
  crowded = !crowded;
  stop();
  start();
}

// A page that nobody sees holds no connection.
document.addEventListener("visibilitychange", () => { if (document.hidden) stop(); else start(); });

function start() {
  if (stream || listeners.size === 0 || document.hidden) return;
  clearTimeout(retry);
  stream = new AbortController();
  follow(stream);
}

function stop() {
  clearTimeout(retry);
  stream?.abort();
  stream = null;
}

async function follow(own) {
  try {
    await take(await callJSON("api/cluster", { signal: own.signal }), own);
    while (crowded) {
      await new Promise((resolve) => setTimeout(resolve, pollEvery));
      await take(await callJSON("api/cluster", { signal: own.signal }), own);
    }
    const response = await call("api/cluster/events", { signal: own.signal });
    for await (const event of serverSentEvents(response.body)) if (event.data) await take(JSON.parse(event.data), own);
    throw new Error("the stream ended");
  } catch (error) {
    if (own.signal.aborted) return;
    tell({ trouble: error.status === 404 || error.status === 401 ? "absent" : "lost" });
    stream = null;
    if (feed.trouble === "lost") retry = setTimeout(start, (wait = Math.min(20, wait * 2)) * 1000);
  }
}

async function take(change, own) {
  if (typeof change !== "object" || change === null) return;
  const whole = merged(feed.snapshot, change);
  wait = 1;
  // Stages never heard of: the plan has changed, and only the whole picture tells how.
  tell({ snapshot: whole ?? merged(null, await callJSON("api/cluster", { signal: own.signal })) ?? feed.snapshot,
    trouble: null });
}

function tell(change) {
  Object.assign(feed, change);
  for (const action of listeners) action(feed);
}
