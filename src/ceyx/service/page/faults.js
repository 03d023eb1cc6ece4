// Faults: which are on, and all that can be switched on, for which requests.

import { $, button, copies, make, say } from "./dom.js";
import { ask } from "./service.js";

let catalogue = [];
let everyFault = [];
let chosen = null;
let refused = () => {};
let shownRules = "";
let counted = {};
const off = []; // rules that were switched off here

export function start(whenRefused) {
  refused = whenRefused;
  $("find-fault").addEventListener("input", list);
  $("catalogue").addEventListener("click", (event) => {
    const pressed = event.target.closest("button");
    if (pressed) choose(catalogue.find((each) => each.name === pressed.dataset.name));
  });
  $("drop-rules").addEventListener("click", () => change("DELETE"));
  $("fault").addEventListener("submit", (event) => {
    event.preventDefault();
    change("POST", rule());
  });
  $("fault").addEventListener("input", preview);
}

export function begin(hello) {
  catalogue = hello.catalogue;
  everyFault = hello.every_fault;
  shownRules = "";
  list();
  if (!chosen) choose(catalogue.find((each) => each.name === "status") ?? catalogue[0]);
}

export function told(state) {
  counted = state.faults;
  $("rules-active").hidden = !state.rules.length;
  say($("rules-active"), String(state.rules.length));
  const now = JSON.stringify([state.rules, off, counted]);
  if (now !== shownRules) {
    shownRules = now;
    draw(state.rules);
  }
}

async function change(method, body) {
  try {
    const { rules } = await ask(method, "faults", body);
    say($("fault-wrong"), "");
    shownRules = "";
    told({ rules, faults: counted });
    return true;
  } catch (error) {
    if (method === "POST" && error.status === 400) say($("fault-wrong"), error.message);
    else refused(error);
    return false;
  }
}

function draw(rules) {
  const same = (one) => (other) => JSON.stringify(one) === JSON.stringify(other);
  const on = rules.map((each) => item(each, "Switch off", async () => {
    if (await change("DELETE", each) && !off.some(same(each))) off.push(each);
    shownRules = "";
  }));
  const gone = off.filter((each) => !rules.some(same(each))).map((each) => item(each, "Switch on", () => change("POST", each), "off"));
  const none = make("li", { class: "hint" }, "None: nothing goes wrong on purpose, but where a request asks for it by its header x-ceyx-fault.");
  $("rules").replaceChildren(...(on.length ? on : [none]), ...gone);
  $("drop-rules").hidden = !on.length;
}

function item(rule, label, act, state = "on") {
  const { fault, ...where } = rule;
  const times = counted[fault.split(";")[0].trim()];
  const about = Object.entries(where).map(([name, value]) => `${name} ${value}`).join(", ") || "every request";
  return make("li", { class: state }, make("code", {}, fault), make("span", {}, about),
    make("span", { class: "hint" }, times && state === "on" ? `${fault.split(";")[0].trim()} happened ${times === 1 ? "once" : `${times} times`}` : state === "off" ? "is off" : ""),
    button(label, act));
}

function list() {
  const wanted = $("find-fault").value.toLowerCase().split(/\s+/).filter(Boolean);
  const found = catalogue.filter((each) => {
    const text = [each.name, each.group, each.about, ...each.parameters.flatMap((one) => [one.name, one.about])].join(" ").toLowerCase();
    return wanted.every((word) => text.includes(word));
  });
  $("catalogue").replaceChildren(...found.map((each) => make("li", {},
    make("button", { type: "button", "data-name": each.name, "aria-pressed": String(each === chosen) },
      make("b", {}, each.name), make("span", { class: "chip" }, each.group), make("span", {}, each.about)))));
  if (!found.length) $("catalogue").replaceChildren(make("li", { class: "hint" }, "No fault is like that."));
}

function choose(fault) {
  chosen = fault;
  for (const each of $("catalogue").querySelectorAll("button")) each.setAttribute("aria-pressed", String(each.dataset.name === fault.name));
  const needs = { stream: " It happens to streams only.", whole: " It happens to whole answers only." }[fault.needs] ?? "";
  const fields = [...fault.parameters, ...everyFault.filter((each) => each.name === "times")].map((each) =>
    make("label", { class: "field" }, each.name, make("input", { "data-parameter": each.name, placeholder: each.default || "none", spellcheck: "false" }),
      make("span", { class: "hint" }, each.about)));
  $("fault").replaceChildren(
    make("h3", {}, fault.name), make("p", {}, `${fault.about}.${needs}`), make("div", { class: "fields" }, ...fields),
    make("fieldset", {}, make("legend", {}, "For which requests"), make("div", { class: "fields" },
      make("label", { class: "field" }, "deployment or model", make("input", { id: "fault-deployment", placeholder: "all; * and ? may be in it", list: "names", spellcheck: "false" })),
      make("label", { class: "field" }, "path", make("input", { id: "fault-path", placeholder: "all; as in */chat/completions", spellcheck: "false" })),
      make("label", { class: "field" }, "how often", make("select", { id: "fault-often" },
        make("option", { value: "" }, "each of them"), make("option", { value: "first" }, "the first …"),
        make("option", { value: "every" }, "every …th"), make("option", { value: "probability" }, "by chance, … %"))),
      make("label", { class: "field" }, "number", make("input", { id: "fault-number", inputmode: "decimal", value: "1" })))),
    make("div", { class: "ends" }, make("code", { id: "fault-text" }), make("p", { id: "fault-wrong", class: "wrong", role: "alert" }),
      make("button", { type: "submit", class: "main" }, "Switch on"), " ", copies("Copy as a header", () => `x-ceyx-fault: ${written()}`)));
  preview();
}

/** The fault as it is written, with those parameters that were given. */
function written() {
  const given = [...$("fault").querySelectorAll("[data-parameter]")].filter((each) => each.value !== "");
  const quoted = (value) => (/[;"=\s]/.test(value) ? `"${value.replace(/[\\"]/g, "\\$&")}"` : value);
  return [chosen.name, ...given.map((each) => `${each.dataset.parameter}=${quoted(each.value)}`)].join(";");
}

function rule() {
  const made = { fault: written() };
  if ($("fault-deployment").value) made.deployment = $("fault-deployment").value;
  if ($("fault-path").value) made.path = $("fault-path").value;
  const often = $("fault-often").value;
  const value = Number($("fault-number").value);
  if (often) made[often] = often === "probability" ? value / 100 : value;
  return made;
}

function preview() {
  say($("fault-text"), JSON.stringify(rule()));
  $("fault-number").closest("label").hidden = !$("fault-often").value;
}
