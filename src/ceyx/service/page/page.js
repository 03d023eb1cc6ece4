// The page: which section is shown, the events that keep it up to date, keys of the keyboard and of the service.

import * as connect from "./connect.js";
import * as control from "./control.js";
import * as deployments from "./deployments.js";
import { $, make, number, say } from "./dom.js";
import * as faults from "./faults.js";
import * as opened from "./opened.js";
import * as requests from "./requests.js";
import { Refused, hasKey, listen, setKey } from "./service.js";

const SECTIONS = ["requests", "deployments", "faults", "control", "connect"];
const THEMES = ["", "light", "dark"]; // "": as the system has it

const events = {
  hello(hello) {
    requests.begin(hello);
    deployments.begin(hello);
    faults.begin(hello);
    $("how").replaceChildren(connect.how(hello));
    $("first").replaceChildren(make("h3", {}, "Nothing has come yet."), make("p", { class: "hint" }, "Requests appear here as they come. To send one:"), connect.how(hello));
    connected(`ceyx ${hello.version}`, "live");
    if ($("keys").open) $("keys").close();
    notice("");
  },
  state(state) {
    figures(state);
    deployments.told(state);
    faults.told(state);
    control.told(state);
  },
  requests: requests.told,
  forgotten: requests.forget,
};

function figures(state) {
  const answered = Object.entries(state.answers);
  const all = answered.reduce((sum, [, times]) => sum + times, 0);
  const failed = answered.reduce((sum, [status, times]) => sum + (Number(status) < 400 ? 0 : times), 0);
  const tokens = state.used.reduce((sum, each) => sum + each.input + each.output, 0);
  const shown = [["requests", number(state.requests)], ["under way", number(state.open)], ["failed", all ? `${number(failed)} (${Math.round((failed / all) * 100)} %)` : "0"],
    ["tokens", number(tokens)], ["faults on", number(state.rules.length)], ["clock", state.ahead ? `+${number(state.ahead)} s` : "now"]];
  $("figures").replaceChildren(...shown.map(([name, value]) => make("div", {}, make("dt", {}, name), make("dd", {}, value))));
}

function connected(text, state) {
  say($("connection"), text);
  $("connection").className = state;
}

function notice(text) {
  say($("notice"), text);
  $("notice").hidden = !text;
}

/** What an action was refused with. */
function refused(error) {
  if (error instanceof Refused && error.code === "control_forbidden") askForKey(error.message);
  else notice(error.message);
}

function askForKey(why) {
  say($("keys-why"), why);
  say($("keys-wrong"), hasKey() ? "That is none of its keys." : "");
  setKey("");
  if (!$("keys").open) $("keys").showModal();
}

/** Listens, for as long as there is a page. */
async function live() {
  for (;;) {
    try {
      await listen((name, value) => events[name]?.(value));
      connected("connection lost", "lost");
    } catch (error) {
      if (error instanceof Refused) {
        connected("not let in", "lost");
        refused(error);
        if (error.code === "control_forbidden") await new Promise((resolve) => $("keys").addEventListener("close", resolve, { once: true }));
      } else {
        connected("not reached; trying again", "lost");
      }
    }
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}

function show() {
  const wanted = location.hash.replace("#/", "");
  const section = SECTIONS.includes(wanted) ? wanted : "requests";
  for (const each of SECTIONS) $(each).hidden = each !== section;
  for (const link of document.querySelectorAll("nav a")) {
    if (link.hash === `#/${section}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  if (section !== "requests") opened.close();
  if (section === "deployments") deployments.draw();
}

function theme(next) {
  const now = THEMES.includes(localStorage.getItem("ceyx-theme")) ? localStorage.getItem("ceyx-theme") : "";
  const then = next ? THEMES[(THEMES.indexOf(now) + 1) % THEMES.length] : now;
  localStorage.setItem("ceyx-theme", then);
  document.documentElement.dataset.theme = then;
  say($("theme"), `Theme: ${then || "system"}`);
}

function pressed(event) {
  if (event.key === "Escape" && opened.number() !== null) return opened.close();
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select, dialog")) return undefined;
  if (event.key === "/" && !$("requests").hidden) {
    event.preventDefault();
    $("find").focus();
  } else if (event.key === "p" && !$("requests").hidden) {
    requests.pause();
  } else if (/^[1-5]$/.test(event.key)) {
    location.hash = `#/${SECTIONS[Number(event.key) - 1]}`;
  }
  return undefined;
}

requests.start(refused);
deployments.start();
faults.start(refused);
control.start(refused);
theme(false);
$("theme").addEventListener("click", () => theme(true));
$("keys-form").addEventListener("submit", (event) => {
  event.preventDefault();
  setKey($("key").value);
  $("key").value = "";
  $("keys").close();
});
addEventListener("hashchange", show);
addEventListener("keydown", pressed);
show();
live();
