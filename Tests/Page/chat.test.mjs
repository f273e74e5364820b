// Conversations, answers, pulls, streams and the cluster as values, run with `node --test Tests/Page/`.

import test from "node:test";
import assert from "node:assert/strict";
import { Answer } from "../../Sources/Serving/Resources/chat/answer.js";
import {
  exportText, importText, matches, newConversation, newMessage, readDefaults, readSetting, requestBody,
  settings, titleOf,
} from "../../Sources/Serving/Resources/chat/conversation.js";
import { jsonLines, serverSentEvents } from "../../Sources/Serving/Resources/net/streams.js";
import { merged } from "../../Sources/Serving/Resources/cluster/picture.js";
import { PullProgress } from "../../Sources/Serving/Resources/models/pull-progress.js";

const delta = (fields, finish = null) => ({ choices: [{ delta: fields, finish_reason: finish }] });
const setting = (name) => settings.find((each) => each.name === name);

/** A body that arrives in the given pieces. */
function body(...pieces) {
  const encoder = new TextEncoder();
  return new ReadableStream({
    start(controller) {
      for (const piece of pieces) controller.enqueue(typeof piece === "string" ? encoder.encode(piece) : piece);
      controller.close();
    },
  });
}

async function all(iterable) {
  const items = [];
  for await (const item of iterable) items.push(item);
  return items;
}

test("an answer goes through its phases and counts", () => {
  const answer = new Answer("m", 0);
  answer.comment("queued 2");
  assert.deepEqual([answer.phase, answer.before], ["queued", 2]);
  answer.comment("prompt 10/40");
  assert.deepEqual([answer.phase, answer.read], ["reading", { done: 10, total: 40 }]);
  answer.comment("something else");
  assert.equal(answer.phase, "reading");
  answer.chunk(delta({ role: "assistant", content: "" }), 900);
  assert.equal(answer.phase, "reading", "an empty piece is no token");
  answer.chunk(delta({ reasoning_content: "hm" }), 1000);
  assert.equal(answer.phase, "thinking");
  answer.comment("prompt 1/2");
  assert.equal(answer.phase, "thinking");
  answer.chunk(delta({ content: "a" }), 3000);
  assert.deepEqual([answer.phase, answer.message.thinking_ms], ["answering", 2000]);
  answer.chunk(delta({ content: "b" }, "stop"), 4000);
  answer.chunk(
    { choices: [],
      usage: { prompt_tokens: 40, completion_tokens: 7, prompt_tokens_details: { cached_tokens: 8 } } }, 4001);
  answer.end();
  assert.equal(answer.phase, "done");
  const { content, thinking, tokens, tokens_per_second, first_token_ms, cached_tokens } = answer.message;
  assert.deepEqual({ content, thinking, tokens, tokens_per_second, first_token_ms, cached_tokens },
    { content: "ab", thinking: "hm", tokens: 7, tokens_per_second: 2, first_token_ms: 1000, cached_tokens: 8 });
});

test("an answer without its end has failed, one cut short says so", () => {
  const broken = new Answer("m", 0);
  broken.chunk(delta({ content: "a" }), 1);
  broken.end();
  assert.equal(broken.phase, "failed");
  const short = new Answer("m", 0);
  short.chunk(delta({ content: "a" }, "length"), 1);
  short.end();
  assert.match(short.message.note, /most tokens/);
  assert.throws(() => short.chunk({ error: { message: "lost" } }, 2), /lost/);
});

test("a request carries system prompt, settings and no thinking", () => {
  const conversation = newConversation("m");
  conversation.system = "Be brief.";
  conversation.parameters = { temperature: 0, stop: ["END"] };
  conversation.messages =
    [newMessage("user", "a"), { ...newMessage("assistant", "b"), thinking: "secret" }, newMessage("assistant", " "),
      newMessage("user", "c")];
  const sent = requestBody(conversation, "m");
  assert.deepEqual(sent.messages.map(({ role, content }) => `${role}:${content}`),
    ["system:Be brief.", "user:a", "assistant:b", "user:c"]);
  assert.ok(!JSON.stringify(sent).includes("secret"));
  assert.deepEqual([sent.temperature, sent.stop, sent.stream_options], [0, ["END"], { include_usage: true }]);
});

test("settings are numbers in their range or nothing", () => {
  assert.equal(readSetting(setting("temperature"), ""), undefined);
  assert.equal(readSetting(setting("temperature"), "0.7"), 0.7);
  for (const bad of ["-1", "3", "x", "NaN", "1e999"]) assert.equal(readSetting(setting("temperature"), bad), null, bad);
  assert.equal(readSetting(setting("seed"), "1.5"), null);
});

test("defaults are read from Ollama's lines", () => {
  assert.deepEqual(readDefaults("temperature                    0.6\nstop    \"<|im_end|>\"\nnum_predict 128\n\n"),
    { temperature: "0.6", max_tokens: "128" });
  assert.deepEqual(readDefaults("num_predict -1"), {});
  assert.deepEqual(readDefaults(undefined), {});
});

test("titles and search", () => {
  const conversation = newConversation();
  assert.equal(titleOf(conversation), "New conversation");
  conversation.messages = [newMessage("user", "\n  Why  is the\nsky blue?"), newMessage("assistant", "Rayleigh")];
  assert.equal(titleOf(conversation), "Why is the");
  assert.ok(matches(conversation, "SKY rayleigh") && !matches(conversation, "sky green") && matches(conversation, " "));
});

test("what is exported is imported, with new ids", () => {
  const conversation = newConversation("m", 5);
  Object.assign(conversation, { title: "T", system: "S", parameters: { seed: 3, stop: ["x"] } });
  conversation.messages =
    [newMessage("user", "q"),
      { ...newMessage("assistant", "a"), thinking: "t", thinking_ms: 4, tokens: 2, error: "e" }];
  const [read] = importText(exportText([conversation]));
  const bare = (c) =>
    JSON.stringify({ ...c, id: 0, messages: c.messages.map((m) => ({ ...m, id: 0 })) },
      Object.keys(c).concat("role", "content", "thinking", "thinking_ms", "tokens", "error", "seed", "stop").sort());
  assert.equal(bare(read), bare(conversation));
  assert.notEqual(read.id, conversation.id);
});

test("a file that is something else is refused with words", () => {
  for (const [text, words] of [["x", /not JSON/], ["[]", /Brigade/],
    ['{"format":"brigade-conversations","version":9}', /version 9/],
    ['{"format":"brigade-conversations","version":1,"conversations":{}}', /list/],
    ['{"format":"brigade-conversations","version":1,"conversations":[{"messages":[{"role":"system","content":""}]}]}',
      /Conversation 1/],
    ['{"format":"brigade-conversations","version":1,"conversations":[null]}', /Conversation 1/]]) {
    assert.throws(() => importText(text), words, text);
  }
  const [odd] = importText('{"format":"brigade-conversations","version":1,"conversations":[{"messages":[],' +
    '"parameters":{"temperature":99,"evil":1},"__proto__":{"x":1}}]}');
  assert.deepEqual(odd.parameters, {});
});

test("events arrive whole however they are cut", async () => {
  const text = "data: {\"a\":\"é\"}\n\n: queued 3\r\nevent: x\r\ndata: 1\r\ndata:2\r\n\r\ndata: last";
  const bytes = new TextEncoder().encode(text);
  const expected =
    [{ event: "message", data: '{"a":"é"}' }, { comment: "queued 3" }, { event: "x", data: "1\n2" },
      { event: "message", data: "last" }];
  for (const size of [1, 2, 3, 7, 1000]) {
    const pieces = [];
    for (let i = 0; i < bytes.length; i += size) pieces.push(bytes.slice(i, i + size));
    assert.deepEqual(await all(serverSentEvents(body(...pieces))), expected, `pieces of ${size}`);
  }
});

test("lines of JSON, and a broken one is an error", async () => {
  assert.deepEqual(await all(jsonLines(body('{"a":1}\n\n{"a"', ':2}\n{"a":3}'))), [{ a: 1 }, { a: 2 }, { a: 3 }]);
  await assert.rejects(all(jsonLines(body("{oops\n"))), SyntaxError);
});

test("a pull adds up its layers and knows its speed", () => {
  const pull = new PullProgress();
  pull.take({ status: "pulling manifest" }, 0);
  assert.equal(pull.total, 0);
  pull.take({ status: "pulling a", digest: "a", total: 100, completed: 0 }, 0);
  pull.take({ status: "pulling a", digest: "a", total: 100, completed: 50 }, 1000);
  pull.take({ status: "pulling b", digest: "b", total: 10 }, 1000);
  assert.deepEqual([pull.completed, pull.total, pull.perSecond, pull.succeeded], [50, 110, 50, false]);
  pull.take({ status: "success" }, 2000);
  assert.equal(pull.succeeded, true);
  assert.throws(() => pull.take({ error: "disk full" }, 3000), /disk full/);
});

test("changes of the cluster fall on the stages with their address", () => {
  const whole =
    merged(null, { model: "m",
      stages: [{ url: "a", layer_count: 2, frames: 1 }, { url: "b", layer_count: 3, frames: 1 }] });
  const next = merged(whole, { tokens_per_second: 4, stages: [{ url: "b", frames: 9 }, { url: "a", frames: 8 }] });
  assert.deepEqual(next,
    { model: "m", tokens_per_second: 4,
      stages: [{ url: "b", layer_count: 3, frames: 9 }, { url: "a", layer_count: 2, frames: 8 }] });
  assert.deepEqual(merged(whole, { load: 1 }).stages, whole.stages);
  assert.equal(merged(whole, { stages: [{ url: "c", frames: 1 }] }), null);
  assert.equal(merged(null, { stages: [{ url: "a", frames: 1 }] }), null);
});
