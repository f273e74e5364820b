// Bodies that arrive in pieces: lines, lines of JSON, and server-sent events with their comments.

/** The lines of a body, without their ends. */
export async function* lines(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) break;
      rest += value;
      const parts = rest.split("\n");
      rest = parts.pop();
      for (const line of parts) yield line.endsWith("\r") ? line.slice(0, -1) : line;
    }
    if (rest) yield rest;
  } finally {
    reader.cancel().catch(() => {});
  }
}

/** Server-sent events: {event, data} for events and {comment} for lines that begin with a colon. */
export async function* serverSentEvents(body) {
  let event = "message", data = [];
  for await (const line of lines(body)) {
    if (line === "") {
      if (data.length > 0) yield { event, data: data.join("\n") };
      event = "message"; data = [];
    } else if (line.startsWith(":")) {
      yield { comment: line.slice(1).trim() };
    } else {
      const colon = line.indexOf(":");
      const field = colon < 0 ? line : line.slice(0, colon);
      const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
      if (field === "data") data.push(value);
      else if (field === "event") event = value;
    }
  }
  if (data.length > 0) yield { event, data: data.join("\n") };
}

/** One value for each line of JSON; blank lines are passed over. */
export async function* jsonLines(body) {
  for await (const line of lines(body)) if (line.trim()) yield JSON.parse(line);
}
