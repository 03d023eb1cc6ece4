// What is asked of the service and told to it, with the key of whoever sits here, if it wants one.

const KEY = "ceyx-key";

export class Refused extends Error {
  constructor(status, code, message) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export const hasKey = () => sessionStorage.getItem(KEY) !== null;

export function setKey(key) {
  if (key) sessionStorage.setItem(KEY, key);
  else sessionStorage.removeItem(KEY);
}

function headers() {
  const key = sessionStorage.getItem(KEY);
  return key ? { "api-key": key } : {};
}

async function asked(path, options = {}) {
  const answer = await fetch(path, { cache: "no-store", credentials: "omit", ...options, headers: headers() });
  if (answer.ok) return answer;
  let error = {};
  try {
    error = (await answer.json()).error ?? {};
  } catch { /* no answer of the service's */ }
  throw new Refused(answer.status, error.code, error.message ?? `The service answered ${answer.status}.`);
}

/** The JSON that a path below /_ceyx/ answers with. Throws Refused. */
export async function ask(method, path, body) {
  const answer = await asked(path, { method, body: body === undefined ? undefined : JSON.stringify(body) });
  return answer.json();
}

/** Calls `told(name, value)` for each event, until there are no more. Throws Refused, or what fetch throws. */
export async function listen(told) {
  const answer = await asked("events");
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const blocks = (rest + value).split("\n\n");
    rest = blocks.pop();
    for (const block of blocks) {
      const [name, data] = block.split("\n");
      told(name.slice("event: ".length), JSON.parse(data.slice("data: ".length)));
    }
  }
}
