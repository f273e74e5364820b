// Answers under way: any number of conversations at once, whichever is on show.

import { ServerError, call } from "../net/api.js";
import { connectionLost } from "../net/connection.js";
import { serverSentEvents } from "../net/streams.js";
import { feed, makeRoomFor } from "../cluster/feed.js";
import { startOf } from "../cluster/picture.js";
import { Answer } from "./answer.js";
import { requestBody } from "./conversation.js";

const running = new Map();

/** The answer under way in a conversation, or null. */
export function runOf(id) {
  return running.get(id)?.answer ?? null;
}

export function anyRunning() {
  return running.size > 0;
}

/**
 * Asks for the answer to what the conversation holds and appends it. `changed` is called at each event, and once more
 * when the answer is over and no longer found by `runOf`.
 */
export async function startRun(conversation, model, changed) {
  const answer = new Answer(model, performance.now());
  const abort = new AbortController();
  const body = requestBody(conversation, model);
  running.set(conversation.id, { answer, abort });
  makeRoomFor(running.size);
  conversation.messages.push(answer.message);
  conversation.updated = Date.now();
  changed(answer);
  try {
    const response =
      await askOnceStarted(body, abort.signal, (words) => { answer.waitForStart(words); changed(answer); });
    for await (const event of serverSentEvents(response.body)) {
      if (event.comment !== undefined) answer.comment(event.comment);
      else if (event.data === "[DONE]") break;
      else answer.chunk(JSON.parse(event.data), performance.now());
      changed(answer);
    }
    answer.end();
  } catch (error) {
    if (abort.signal.aborted) answer.stop();
    else answer.fail(explain(error));
  }
  running.delete(conversation.id);
  makeRoomFor(running.size);
  conversation.updated = Date.now();
  changed(answer);
}

/** Asks, and while the cluster is starting asks again: `waiting` is told how far that is. */
async function askOnceStarted(body, signal, waiting) {
  for (;;) {
    try {
      return await call("v1/chat/completions", { method: "POST", body, signal });
    } catch (error) {
      if (error.code !== "cluster_starting") throw error;
      waiting(startOf(feed.snapshot) ?? "The cluster is starting");
      // A stop ends the wait, and the next call at once.
      await new Promise((resolve) => {
        setTimeout(resolve, 1000);
        signal.addEventListener("abort", resolve, { once: true });
      });
    }
  }
}

export function stopRun(id) {
  running.get(id)?.abort.abort();
}

function explain(error) {
  if (error instanceof ServerError)
    return error.retryAfter ? `${error.message} Try again in ${error.retryAfter} s.` : error.message;
  if (error instanceof SyntaxError) return "The server sent something that is not JSON.";
  // fetch reports a connection that breaks in the middle as a TypeError.
  if (error instanceof TypeError) { connectionLost(); return "The connection broke off. What had arrived is kept."; }
  return error.message;
}
