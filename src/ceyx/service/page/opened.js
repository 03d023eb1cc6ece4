// One request with its answer, as far as the service keeps them; asked for again while the answer goes on.

import { $, button, bytes, copies, make, number, pretty, say, seconds, visible } from "./dom.js";
import { ask } from "./service.js";

const PAUSE = 250; // milliseconds between two looks at the same answer
let shown = null; // number, elements
let closed = () => {};

export function start(whenClosed) {
  closed = whenClosed;
}

export const number_ = () => shown?.number ?? null;
export { number_ as number };

export function close() {
  if (!shown) return;
  shown = null;
  $("opened").hidden = true;
  document.body.classList.remove("reading");
  closed();
}

export function open(line) {
  const part = (name, open) => {
    const text = make("pre", { tabindex: "0", "aria-label": name });
    const hint = make("span", { class: "hint" });
    const whole = make("details", { open }, make("summary", {}, make("span", {}, name), hint), copies("Copy", () => text.textContent), text);
    return { whole, text, hint };
  };
  const title = make("h3", {}, `${line.method} ${line.path}`);
  const parts = {
    said: part("Answer", true), events: part("Events", false), body: part("Request body", true),
    headers: part("Request headers", false), answered: part("Response headers", false),
  };
  const facts = make("dl", { class: "facts" });
  const time = make("div", { class: "time", role: "img" });
  const tools = make("p", { class: "tools" }, button("Close", close, { title: "Esc" }), copies("Copy as curl", () => curl(shown?.told)));
  $("opened").replaceChildren(tools, title, facts, time, ...Object.values(parts).map((each) => each.whole));
  $("opened").hidden = false;
  document.body.classList.add("reading");
  shown = { number: line.number, parts, facts, time, told: null, asking: false, again: false };
  $("opened").scrollTop = 0;
  if (matchMedia("(max-width: 900px)").matches) $("opened").focus();
  look();
}

/** Something has become of the request that is open. */
export function refresh() {
  if (!shown.asking) look();
  else shown.again = true;
}

async function look() {
  const mine = shown;
  mine.asking = true;
  mine.again = false;
  try {
    const told = await ask("GET", `requests/${mine.number}`);
    if (shown !== mine) return;
    mine.told = told;
    draw(told);
  } catch (error) {
    if (shown === mine) say(mine.parts.said.text, visible(error.message));
  }
  setTimeout(() => {
    mine.asking = false;
    if (shown === mine && mine.again) look();
  }, PAUSE);
}

function draw(told) {
  const { parts, facts, time } = shown;
  const { line, answer } = told;
  const query = Object.entries(told.query).map(([name, value]) => `${name}=${value}`).join("&");
  const rows = [
    ["Status", line.seconds === null ? "under way" : `${line.status ?? "none"}${line.whole ? "" : ", broken off"}`],
    ["Fault", line.fault], ["Caller", [line.style, line.version].filter(Boolean).join(" ")], ["Client", line.agent],
    ["Deployment", line.deployment], ["Model", line.model], ["Query", query], ["Call", told.call],
    ["Came", new Date(line.at * 1000).toISOString().replace("T", " ").replace("Z", " UTC")],
    ["Tokens", line.tokens && `${number(line.tokens[0])} in, ${number(line.tokens[1])} out`],
    ["Sent", answer.pieces === undefined ? "" : `${bytes(answer.size)} in ${number(answer.pieces)} ${answer.pieces === 1 ? "piece" : "pieces"}${answer.raw ? ", past HTTP" : ""}`],
  ];
  facts.replaceChildren(...rows.filter(([, value]) => value).flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, make("bdi", {}, value))]));
  drawTime(time, line);
  const streams = answer.stream !== undefined;
  const text = streams ? spoken(answer.stream) : "";
  say(parts.said.text, streams ? visible(text) : answer.body === null ? nothing(line, answer) : pretty(answer.body));
  say(parts.events.text, streams ? visible(answer.stream) : "");
  parts.events.whole.hidden = !streams;
  if (streams && !text && line.seconds !== null) parts.events.whole.open = true;
  say(parts.said.hint, line.seconds === null ? "as it comes" : extent(answer));
  say(parts.body.text, told.body === null ? "none" : pretty(told.body));
  say(parts.body.hint, extent(told));
  say(parts.headers.text, list(told.headers));
  say(parts.answered.text, list(answer.headers));
}

const list = (headers) => Object.entries(headers).map(([name, value]) => `${visible(name)}: ${visible(value)}`).join("\n");

function nothing(line, answer) {
  if (line.seconds === null) return "nothing yet";
  return answer.kept || line.status === 204 ? "empty" : "not kept: it came in pieces, and no page was open";
}

/** How much there was, and whether it is all here. */
function extent({ size, cut }) {
  return cut ? `the beginning of ${bytes(size)}` : size ? bytes(size) : "";
}

function drawTime(time, line) {
  const all = line.seconds ?? line.so_far;
  const first = line.first ?? all;
  const parts = [["wait", first, "until its first byte"], ["flow", Math.max(all - first, 0), "for the rest"]];
  time.setAttribute("aria-label", `${seconds(first)} until the first byte, ${seconds(all)} in all`);
  time.replaceChildren(...parts.filter(([, took]) => took > 0).map(([name, took, about]) => {
    const piece = make("span", { class: name, title: `${seconds(took)} ${about}` }, took / all > 0.15 ? seconds(took) : "");
    piece.style.flexGrow = String(took / all);
    return piece;
  }));
}

/** The text that the events of a stream come to: of each choice, and of calls of tools. */
export function spoken(stream) {
  const texts = new Map();
  const add = (name, text) => { if (typeof text === "string") texts.set(name, (texts.get(name) ?? "") + text); };
  for (const block of stream.split(/\r?\n\r?\n/)) {
    const data = block.split(/\r?\n/).filter((each) => each.startsWith("data:")).map((each) => each.slice(5).trimStart()).join("\n");
    let event;
    try {
      event = JSON.parse(data);
    } catch {
      continue; // [DONE], or what was cut
    }
    if (event === null || typeof event !== "object") continue;
    if (typeof event.delta === "string") add(`${event.output_index ?? 0}`, event.delta);
    if (event.error && typeof event.error === "object") add("error", event.error.message);
    for (const choice of Array.isArray(event.choices) ? event.choices : []) {
      const at = `choice ${choice?.index ?? 0}`;
      add(at, choice?.delta?.content ?? choice?.delta?.refusal ?? choice?.text);
      for (const call of choice?.delta?.tool_calls ?? []) {
        const name = `${at}, call ${call?.index ?? 0}`;
        if (call?.function?.name) add(name, `${call.function.name} `);
        add(name, call?.function?.arguments ?? call?.custom?.input);
      }
    }
  }
  return texts.size === 1 ? [...texts.values()][0] : [...texts].map(([name, text]) => `${name}: ${text}`).join("\n\n");
}

/** The request, for a terminal; whoever pastes it puts their own key. */
function curl(told) {
  if (!told) return "";
  const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;
  const query = new URLSearchParams(told.query).toString();
  const lines = [`curl ${quoted(location.origin + told.path + (query ? `?${query}` : ""))}`];
  if (told.method !== (told.body === null ? "GET" : "POST")) lines.push(`-X ${told.method}`);
  for (const name of ["content-type", "authorization", "api-key"]) {
    if (told.headers[name]) lines.push(`-H ${quoted(`${name}: ${told.headers[name].replaceAll("SCRUBBED", "KEY")}`)}`);
  }
  if (told.body !== null) lines.push(`-d ${quoted(typeof told.body === "string" ? told.body : JSON.stringify(told.body))}`);
  return lines.join(" \\\n  ");
}
