// Deployments with what is used of their limits, usage by model, answers by status.

import { $, make, number } from "./dom.js";

let deployments = [];
let last = null; // the state
const cards = new Map(); // name -> its elements

export function start() {
  $("well-known").addEventListener("change", draw);
}

export function begin(hello) {
  deployments = hello.deployments;
  cards.clear();
  $("cards").replaceChildren();
  $("names").replaceChildren(...deployments.map((each) => make("option", { value: each.name })));
  const others = deployments.filter((each) => !each.own).length;
  $("well-known-label").textContent = `show the ${others} well-known ones that nobody has asked yet, too`;
}

export function told(state) {
  last = state;
  if (!$("deployments").hidden) draw();
}

export function draw() {
  if (!last) return;
  const used = new Map();
  for (const row of last.limits) used.set(row.deployment, [...(used.get(row.deployment) ?? []), row]);
  const known = new Set(deployments.map((each) => each.name));
  const others = [...used.keys()].filter((name) => !known.has(name)).map((name) => ({ name, engine: "", own: true }));
  const list = [...deployments, ...others].filter((each) => each.own || used.has(each.name) || $("well-known").checked);
  for (const [name, card] of cards) {
    if (!list.some((each) => each.name === name)) {
      card.remove();
      cards.delete(name);
    }
  }
  for (const each of list) {
    if (!cards.has(each.name)) cards.set(each.name, $("cards").appendChild(make("li", { class: "card" })));
    fill(cards.get(each.name), each, used.get(each.name) ?? []);
  }
  $("usage").replaceChildren(...(last.used.length ? last.used.map(row) : [make("tr", {}, make("td", { colspan: 6 }, "Nothing was asked of a model yet."))]));
  const statuses = Object.entries(last.answers);
  $("statuses").replaceChildren(...(statuses.length ? statuses : [["none", 0]]).map(([status, times]) =>
    make("li", { class: "chip" }, `${status === "none" ? "cut" : status}: ${number(times)}`)));
}

function fill(card, deployment, used) {
  const most = deployment.limits ?? {};
  const script = last.scripts[deployment.name] ?? last.scripts["*"];
  const more = [
    deployment.latency && `first token after ${deployment.latency.first_token} s`,
    deployment.latency?.tokens_per_second && `${deployment.latency.tokens_per_second} tokens/s`,
    deployment.filter && "content filter",
    script !== undefined && `script of ${script} replies`,
    ...last.rules.filter((each) => each.deployment === deployment.name).map((each) => `fault ${each.fault}`),
  ].filter(Boolean);
  const rows = used.length ? used : [{ requests: 0, tokens: 0 }];
  card.replaceChildren(
    make("h3", {}, make("bdi", {}, deployment.name)),
    make("p", { class: "hint" }, deployment.model ? make("bdi", {}, deployment.model) : "any model", deployment.kind ? ` · ${deployment.kind}` : ""),
    make("p", {}, make("span", { class: "chip engine" }, deployment.engine || "engine of *"), ...more.map((each) => make("span", { class: "chip" }, each))),
    ...rows.flatMap((row) => [
      meter(row, "requests", "RPM", row.most?.requests ?? most.requests),
      meter(row, "tokens", "TPM", row.most?.tokens ?? most.tokens),
    ]));
}

/** How much of a minute's requests or tokens is used; of what has no limit, only how much it was. */
function meter(row, what, name, most) {
  const used = row[what];
  const text = most ? `${number(used)} of ${number(most)}` : `${number(used)} this minute, no limit`;
  const full = make("span", { class: "full" });
  const part = most ? Math.min(used / most, 1) : 0;
  full.style.width = `${part * 100}%`;
  full.classList.toggle("much", part >= 0.8);
  const label = row.provider ? `${name} (${row.provider === "azure" ? "Azure" : "OpenAI"})` : name;
  const bar = most
    ? make("span", { class: "meter", role: "meter", "aria-label": label, "aria-valuemin": 0, "aria-valuemax": most, "aria-valuenow": Math.min(used, most), "aria-valuetext": text }, full)
    : null;
  return make("div", { class: "limit" }, make("span", {}, label), make("span", { class: "right" }, text), bar);
}

function row(used) {
  const numbers = [used.requests, used.failed, used.input, used.output, used.input + used.output];
  return make("tr", {}, make("th", { scope: "row" }, make("bdi", {}, used.model)), ...numbers.map((each) => make("td", {}, number(each))));
}
