// The stream of events (docs/sync.md, "Live updates"), read with fetch: an EventSource can't send a token in a header.

/** How long the stream may be silent, in milliseconds; the server says something every 15 seconds. */
export const SILENCE = 30_000;

/** The events in pieces of text, as they arrive: `{ id, data }`. Comments only show that the connection lives. */
export async function* parse(pieces) {
  let rest = '';
  let event = {};
  for await (const piece of pieces) {
    rest += piece;
    // What ends with a carriage return may go on with the other half of an end of line.
    const whole = rest.endsWith('\r') ? rest.length - 1 : rest.length;
    const lines = rest.slice(0, whole).split(/\r\n|\r|\n/);
    rest = lines.pop() + rest.slice(whole);
    for (const line of lines) {
      if (line === '') {
        if (event.data !== undefined) yield event;
        event = {};
        continue;
      }
      const colon = line.indexOf(':');
      if (colon === 0) continue;
      const name = colon < 0 ? line : line.slice(0, colon);
      const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
      if (name === 'data') event.data = event.data === undefined ? value : `${event.data}\n${value}`;
      if (name === 'id') event.id = value;
    }
  }
}

/** The pieces of a body. Ends by throwing where nothing is heard for too long. */
async function* piecesOf(body, { silence, abort }) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let timer;
  try {
    for (;;) {
      timer = setTimeout(abort, silence);
      const { done, value } = await reader.read();
      clearTimeout(timer);
      if (done) return;
      yield value;
    }
  } finally {
    clearTimeout(timer);
    await reader.cancel().catch(() => {});
  }
}

/**
 * Listens until the stream ends, which it does by throwing where the connection breaks.
 * @param send Sends a request with the token: `(path, { headers, signal })`, an answer as fetch gives one.
 * @param version That of the last pull: nothing is told of what it had.
 * @param hear Called with each version that there is to pull.
 * @param signal Ends it.
 * @returns The status, where there is no stream.
 */
export async function listen({ send, version, hear, signal, silence = SILENCE }) {
  const own = new AbortController();
  const abort = () => own.abort(new Error('nothing was heard for too long'));
  const end = () => own.abort(signal.reason);
  if (signal.aborted) end();
  signal.addEventListener('abort', end);
  try {
    const headers = { 'Accept': 'text/event-stream' };
    if (version !== null) headers['Last-Event-ID'] = String(version);
    const answer = await send('/api/v2/user/events', { headers, signal: own.signal });
    if (!answer.ok) return answer.status;
    for await (const { id } of parse(piecesOf(answer.body, { silence, abort }))) hear(Number(id));
    return answer.status;
  } finally {
    signal.removeEventListener('abort', end);
  }
}
