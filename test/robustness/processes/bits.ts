/** Prints the bits of what every verb gives, in an order that the argument chooses. */
import { createHash } from "node:crypto";
import { uniforms } from "../../../src/core/random.ts";
import { digest, verbs } from "../verbs.ts";

const uniform = uniforms(Number(process.argv[2]));
const order = verbs
  .map((verb) => ({ verb, place: uniform() }))
  .sort((a, b) => a.place - b.place)
  .map(({ verb }) => verb);
const results: Record<string, string> = {};
for (const { name, run } of order) {
  results[name] = createHash("sha256")
    .update(digest(await run(() => {})))
    .digest("hex");
}
console.log(JSON.stringify(results));
