// Elements from what anybody may have sent: all of it goes in as text, and what would change how text is read is spelled out.

const TRICKS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]/g;

/** The text, with control characters and those that turn its direction written as \u{...}. */
export function visible(text) {
  return String(text).replace(TRICKS, (each) => `\\u{${each.codePointAt(0).toString(16)}}`);
}

/** An element. Its attributes are ours to choose; its children are elements, or texts of anybody. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.filter((each) => each !== null && each !== undefined && each !== "").map(node));
  return element;
}

function node(child) {
  return child instanceof Node ? child : document.createTextNode(visible(child));
}

export const $ = (id) => document.getElementById(id);

/** The text of an element, set only where it differs: selections and scrolling stay. */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** A button that does something. */
export function button(label, act, attributes = {}) {
  const made = make("button", { type: "button", ...attributes }, label);
  made.addEventListener("click", act);
  return made;
}

/** A button that copies the text that it is given when it is pressed. */
export function copies(label, text) {
  const made = button(label, async () => {
    try {
      await navigator.clipboard.writeText(text());
      made.textContent = "Copied";
    } catch {
      made.textContent = "Not allowed";
    }
    setTimeout(() => { made.textContent = label; }, 1200);
  }, { class: "quiet" });
  return made;
}

/** JSON, indented; text as it is. */
export function pretty(value) {
  return visible(typeof value === "string" ? value : JSON.stringify(value, null, 2));
}

export const number = (value) => Number(value).toLocaleString("en");

export function seconds(value) {
  if (value < 0.0995) return `${(value * 1000).toFixed(value < 0.00995 ? 1 : 0)} ms`;
  return value < 120 ? `${value.toFixed(value < 10 ? 2 : 1)} s` : `${(value / 60).toFixed(1)} min`;
}

export function bytes(value) {
  return value < 1024 ? `${value} B` : value < 1024 ** 2 ? `${(value / 1024).toFixed(1)} KB` : `${(value / 1024 ** 2).toFixed(1)} MB`;
}
