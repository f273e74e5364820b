// What an answer took, in a line.

import { count, counted, duration, rate } from "../shell/format.js";

/** `answer` is the one under way or null; `long` gives all that is known. */
export function answerFigures(message, answer, long = false) {
  const tokens = answer ? answer.tokens : message.tokens;
  const speed = answer ? answer.tokensPerSecond : message.tokens_per_second;
  const parts = [];
  if (tokens > 0) parts.push(counted(tokens, "token"));
  if (speed) parts.push(`${rate(speed)} tokens/s`);
  if (!long) return parts.join(" · ");
  if (message.first_token_ms !== undefined) parts.push(`first token after ${duration(message.first_token_ms)}`);
  if (message.prompt_tokens !== undefined) {
    const cached = message.cached_tokens ? `, ${count(message.cached_tokens)} of them from the cache` : "";
    parts.push(`prompt of ${counted(message.prompt_tokens, "token")}${cached}`);
  }
  if (message.model) parts.push(message.model);
  return parts.join("\n");
}
