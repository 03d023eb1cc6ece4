// Says what came of each capability, a line each: `ok   chat: …`, `FAIL tools: why`, `n/a  tls: why`; ends with status 1 after a FAIL.

/** Thrown by a scenario that this client has no call for. */
export class NotThere extends Error {}

/** Plays each scenario with each of `subjects`, by the names of these; a line has what the last of them saw. */
export async function report(scenarios, subjects) {
  for (const [capability, scenario] of Object.entries(scenarios)) {
    let note = "";
    const [played, missing, failures] = [[], [], []];
    for (const [name, subject] of Object.entries(subjects)) {
      try {
        note = await scenario(subject);
        played.push(name);
      } catch (error) {
        const message = String(error?.message ?? error).replace(/\s+/g, " ").slice(0, 300);
        if (error instanceof NotThere) missing.push(`${name}: ${message}`);
        else failures.push(`${name}: ${error?.name}: ${message}`);
      }
    }
    if (failures.length) {
      process.exitCode = 1;
      console.log(`FAIL ${capability}: ${failures.join("; ")}`);
    } else if (played.length) console.log(`ok   ${capability}: ${note} [${played.join(", ")}]`);
    else console.log(`n/a  ${capability}: ${missing.join("; ")}`);
  }
}

/** The error that a call must end with. */
export async function refused(expected, call) {
  let answer;
  try {
    answer = await call();
  } catch (error) {
    if (error instanceof expected) return error;
    throw error;
  }
  throw new Error(`no ${expected.name}, but ${JSON.stringify(answer)?.slice(0, 100)}`);
}

/** A PNG's width and height. */
export function sizeOf(png) {
  if (png.toString("latin1", 1, 4) !== "PNG") throw new Error(`no PNG: ${png.toString("latin1", 0, 20)}`);
  return [png.readUInt32BE(16), png.readUInt32BE(20)];
}
