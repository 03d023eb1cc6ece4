// The list of requests: as many as the service keeps, newest first, each in two lines that change while it is answered.

import { $, bytes, make, number, seconds } from "./dom.js";
import * as opened from "./opened.js";
import { ask } from "./service.js";

let keeps = 500;
const lines = new Map(); // number -> what was told of it
const rows = new Map(); // number -> its element
const changed = new Set(); // numbers that the list does not show yet as they are
let held = null; // while paused: number -> what would be shown
let drawing = 0;

export function start(refused) {
  $("find").addEventListener("input", filterAll);
  $("which").addEventListener("change", filterAll);
  $("pause").addEventListener("click", pause);
  $("clear").addEventListener("click", () => ask("DELETE", "requests").catch(refused));
  $("rows").addEventListener("click", (event) => {
    const row = event.target.closest("button.row");
    if (row) open(Number(row.dataset.number));
  });
  $("rows").addEventListener("keydown", move);
  opened.start(() => mark(null));
  setInterval(tick, 1000);
}

/** From here on it is another service, or the same once more. */
export function begin(hello) {
  keeps = hello.keeps;
  forget();
}

export function forget() {
  lines.clear();
  changed.clear();
  rows.clear();
  held?.clear();
  $("rows").replaceChildren();
  opened.close();
  draw();
}

export function told(list) {
  for (const line of list) {
    line.told = performance.now();
    if (held) {
      held.set(line.number, line);
      if (held.size > keeps) held.delete(held.keys().next().value);
    } else {
      lines.set(line.number, line);
      changed.add(line.number);
    }
  }
  drawing ||= requestAnimationFrame(draw);
}

export function pause() {
  const button = $("pause");
  if (held) {
    const missed = [...held.values()];
    held = null;
    told(missed);
  } else {
    held = new Map();
  }
  button.setAttribute("aria-pressed", String(held !== null));
  button.textContent = held ? "Go on" : "Pause";
}

/** Time goes on for what is under way, though nothing may come of it. */
function tick() {
  for (const [at, line] of lines) if (line.seconds === null) changed.add(at);
  if (changed.size && !held) drawing ||= requestAnimationFrame(draw);
}

export const isEmpty = () => lines.size === 0 && !held?.size;

function draw() {
  drawing = 0;
  const list = $("rows");
  for (const at of [...lines.keys()].sort((one, other) => one - other).slice(0, Math.max(lines.size - keeps, 0))) {
    lines.delete(at);
    changed.delete(at);
    rows.get(at)?.remove();
    rows.delete(at);
  }
  for (const at of [...changed].sort((one, other) => one - other)) {
    const line = lines.get(at);
    let row = rows.get(at);
    if (!row) {
      row = make("li", {}, make("button", { type: "button", class: "row", "data-number": at }));
      rows.set(at, row);
      let before = list.firstChild; // numbers grow, so nearly every new row is the first
      while (before && Number(before.firstChild.dataset.number) > at) before = before.nextSibling;
      list.insertBefore(row, before);
    }
    fill(row.firstChild, line);
    row.hidden = !matches(line);
    if (opened.number() === at) opened.refresh(line);
  }
  changed.clear();
  if (held) $("pause").textContent = held.size ? `Go on (${held.size})` : "Go on";
  $("first").hidden = !isEmpty();
  tellHidden();
}

/** The words and marks of a row. */
function fill(row, line) {
  const open = line.seconds === null;
  const path = endpoint(line.path);
  row.replaceChildren(
    make("span", { class: "top" },
      make("span", { class: `status ${kind(line)}` }, line.status ?? (open ? "…" : "cut")),
      make("b", { class: "what" }, line.deployment || line.method),
      make("span", { class: "path" }, line.deployment ? path : line.path),
      line.stream ? make("span", { class: "chip" }, open ? "streaming" : "stream") : null,
      line.fault ? make("span", { class: "chip fault" }, `fault: ${line.fault}`) : null,
      !open && !line.whole && line.status !== null ? make("span", { class: "chip cut" }, "broken off") : null,
      make("span", { class: "right" },
        open ? `${seconds(line.so_far + (performance.now() - line.told) / 1000)} …` : seconds(line.seconds))),
    make("span", { class: "words" },
      make("bdi", { class: "asked" }, line.asked || "–"),
      make("span", { class: "arrow", "aria-hidden": "true" }, "→"),
      make("bdi", { class: "said" }, line.said || (open ? "" : "–"))),
    make("span", { class: "numbers" },
      make("span", {}, `#${line.number}`),
      make("span", {}, new Date(line.at * 1000).toLocaleTimeString("en-GB")),
      make("span", { class: line.style === "OpenAI" ? "" : "azure" }, line.version ? `${line.style} ${line.version}` : line.style),
      line.tokens ? make("span", {}, `${number(line.tokens[0])} + ${number(line.tokens[1])} tokens`) : null,
      line.events ? make("span", {}, `${number(line.events)} events`) : null,
      line.size ? make("span", {}, bytes(line.size)) : null));
  row.classList.toggle("open", open);
}

/** What became of a request, in a word of the style sheet. */
export function kind(line) {
  if (line.seconds === null) return "open";
  if (line.status === null || !line.whole) return "bad";
  return line.status < 300 ? "ok" : line.status < 400 ? "moved" : line.status < 500 ? "bad" : "worse";
}

/** The path below the part that all of its surface share. */
export function endpoint(path) {
  return path.replace(/^\/openai\/deployments\/.+?\/(?=(chat\/)?completions|embeddings|images\/|audio\/|responses)/, "")
    .replace(/^\/(openai\/v1|openai|v1)\//, "");
}

function matches(line) {
  const which = $("which").value;
  const state = kind(line);
  if (which === "open" && state !== "open") return false;
  if (which === "ok" && state !== "ok") return false;
  if (which === "failed" && state !== "bad" && state !== "worse") return false;
  if (which === "fault" && !line.fault) return false;
  const wanted = $("find").value.toLowerCase().split(/\s+/).filter(Boolean);
  if (!wanted.length) return true;
  const text = [`#${line.number}`, line.method, line.path, line.style, line.version, line.agent, line.deployment, line.model,
    line.asked, line.said, line.status, line.fault, line.stream ? "stream" : ""].join(" ").toLowerCase();
  return wanted.every((word) => text.includes(word));
}

function filterAll() {
  for (const [at, row] of rows) row.hidden = !matches(lines.get(at));
  tellHidden();
}

function tellHidden() {
  const hidden = [...rows.values()].filter((row) => row.hidden).length;
  $("shown").hidden = !hidden;
  $("shown").textContent = hidden ? `${rows.size - hidden} of ${rows.size} shown` : "";
}

function open(at) {
  mark(at);
  opened.open(lines.get(at));
}

function mark(at) {
  const before = document.querySelector(".row[aria-current]");
  before?.removeAttribute("aria-current");
  if (at === null) before?.focus();
  else rows.get(at)?.firstChild.setAttribute("aria-current", "true");
}

/** Arrows go from row to row. */
function move(event) {
  const step = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling", j: "nextElementSibling", k: "previousElementSibling" }[event.key];
  if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
  let row = document.activeElement.closest("li")?.[step];
  while (row?.hidden) row = row[step];
  if (!row) return;
  event.preventDefault();
  row.firstChild.focus();
  if (opened.number() !== null) open(Number(row.firstChild.dataset.number));
}

