// Scripts, the clock, and the way back to the start.

import { $, button, say } from "./dom.js";
import { ask } from "./service.js";

const EXAMPLE = {
  replies: [
    { match: { contains: "weather", tool: "get_weather" }, reply: { calls: [{ name: "get_weather", arguments: { city: "Paris" } }] } },
    { match: { contains: "hello" }, reply: "Hello yourself" },
  ],
};
const STEPS = [["+ 10 seconds", 10], ["+ 1 minute", 60], ["+ 1 hour", 3600], ["+ 1 day", 86400]];
let refused = () => {};

export function start(whenRefused) {
  refused = whenRefused;
  $("script-text").value = JSON.stringify(EXAMPLE, null, 2);
  $("script").addEventListener("submit", (event) => {
    event.preventDefault();
    use();
  });
  $("drop-scripts").addEventListener("click", () => act("DELETE", "script", undefined, "All scripts are forgotten."));
  $("advance").replaceChildren(...STEPS.map(([label, step]) => button(label, () => act("POST", "clock", { advance: step }, "The clock was put forward."))));
  $("reset").addEventListener("click", () => act("POST", "reset", {}, "All is as at the start."));
  $("reset-all").addEventListener("click", () => {
    if (confirm("Delete all files, batches, responses and whatever else is stored?")) act("POST", "reset", { store: true }, "All is as at the start, and nothing is stored.");
  });
}

function use() {
  let script;
  try {
    script = JSON.parse($("script-text").value);
  } catch (error) {
    return say($("done"), `That is no JSON: ${error.message}`);
  }
  return act("POST", "script", { ...script, deployment: $("script-deployment").value || "*" }, "The script is used from now on.");
}

async function act(method, path, body, done) {
  try {
    await ask(method, path, body);
    say($("done"), done);
  } catch (error) {
    if (error.status === 400) say($("done"), error.message);
    else refused(error);
  }
}

export function told(state) {
  const scripts = Object.entries(state.scripts).map(([name, replies]) => `${name} (${replies})`);
  say($("scripts"), scripts.length ? `In use, with so many replies: ${scripts.join(", ")}.` : "None is in use.");
  const now = new Date(state.now * 1000).toISOString().replace("T", " ").slice(0, 19);
  say($("clock"), `${now} UTC${state.ahead ? `, ${state.ahead} seconds ahead` : ", as on this machine"}. It goes for limits, tokens, expiry and what answers say of time; only a reset puts it back.`);
}
