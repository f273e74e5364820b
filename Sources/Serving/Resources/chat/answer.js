// One answer while it arrives, as a value: events in, the message to show out. Pure; time is handed in.

import { newMessage } from "./conversation.js";

/** Phases: sent, starting, queued, reading, thinking, answering, and at the end done, stopped or failed. */
export class Answer {
  constructor(model, now) {
    this.message = { ...newMessage("assistant"), model };
    this.phase = "sent";
    this.before = 0;
    this.start = "";
    this.read = { done: 0, total: 0 };
    this.begun = now;
    this.firstToken = null;
    this.lastToken = null;
    this.thinkingBegun = null;
    this.pieces = 0;
    this.finish = null;
    this.usage = null;
  }

  get isOver() {
    return ["done", "stopped", "failed"].includes(this.phase);
  }

  /** The cluster is not there yet; the question waits for it. */
  waitForStart(words) {
    this.phase = "starting";
    this.start = words;
  }

  /** A comment line of the stream: "queued 3" or "prompt 1024/4096"; others mean nothing here. */
  comment(text) {
    const queued = /^queued (\d+)$/.exec(text), prompt = /^prompt (\d+)\/(\d+)$/.exec(text);
    if (this.firstToken !== null) return;
    if (queued) { this.phase = "queued"; this.before = Number(queued[1]); }
    if (prompt) { this.phase = "reading"; this.read = { done: Number(prompt[1]), total: Number(prompt[2]) }; }
  }

  /** One chunk as OpenAI streams it. Throws if the server reports an error in it. */
  chunk(chunk, now) {
    if (chunk.error) throw new Error(chunk.error.message ?? String(chunk.error));
    if (chunk.usage) this.usage = chunk.usage;
    const choice = chunk.choices?.[0];
    if (!choice) return;
    const { reasoning_content: thinking, content } = choice.delta ?? {};
    if (thinking || content) {
      this.firstToken ??= now;
      this.lastToken = now;
      this.pieces++;
    }
    if (thinking) {
      this.phase = "thinking";
      this.thinkingBegun ??= now;
      this.message.thinking = (this.message.thinking ?? "") + thinking;
      this.message.thinking_ms = now - this.thinkingBegun;
    }
    if (content) {
      if (this.phase === "thinking") this.message.thinking_ms = now - this.thinkingBegun;
      this.phase = "answering";
      this.message.content += content;
    }
    if (choice.finish_reason) this.finish = choice.finish_reason;
  }

  /** The stream ended by itself. */
  end() {
    if (this.finish === null) { this.fail("The answer broke off before its end."); return; }
    this.phase = "done";
    if (this.finish === "length") this.message.note = "Cut at the most tokens allowed.";
    this.count();
  }

  stop() {
    this.phase = "stopped";
    this.message.note = "Stopped.";
    this.count();
  }

  fail(words) {
    this.phase = "failed";
    this.message.error = words;
    this.count();
  }

  /** Tokens so far; before the server says, each piece counts as one. */
  get tokens() {
    return this.usage?.completion_tokens ?? this.pieces;
  }

  /** Over the time between the first and the last token, which leaves out queue and prompt. */
  get tokensPerSecond() {
    const seconds = (this.lastToken - this.firstToken) / 1000;
    return this.tokens > 1 && seconds > 0.05 ? (this.tokens - 1) / seconds : null;
  }

  count() {
    const message = this.message;
    // Even none is a count: a message without one was cut off by the page's end.
    message.tokens = this.tokens;
    if (this.tokensPerSecond) message.tokens_per_second = this.tokensPerSecond;
    if (this.firstToken !== null) message.first_token_ms = this.firstToken - this.begun;
    if (this.usage) {
      message.prompt_tokens = this.usage.prompt_tokens;
      message.cached_tokens = this.usage.prompt_tokens_details?.cached_tokens ?? 0;
    }
  }
}
