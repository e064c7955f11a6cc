/** The same bits in every process, and memory that stays as it is, however often the library is called. */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

async function outputOf(script: string, ...args: string[]): Promise<unknown> {
  const path = fileURLToPath(new URL(`./processes/${script}.ts`, import.meta.url));
  const child = spawn(process.execPath, ["--expose-gc", "--import", "tsx", path, ...args]);
  let [output, errors] = ["", ""];
  child.stdout.on("data", (data: Buffer) => (output += String(data)));
  child.stderr.on("data", (data: Buffer) => (errors += String(data)));
  await new Promise((resolve) => child.once("close", resolve));
  if (output === "") throw new Error(errors);
  return JSON.parse(output) as unknown;
}

const many = process.env.ODEGRAD_RANDOM !== undefined;

test("all processes compute the same bits, in whatever order", async () => {
  const first = await outputOf("bits", "1");
  for (let seed = 2; seed <= (many ? 20 : 3); seed++)
    expect(await outputOf("bits", String(seed)), `order ${seed}`).toEqual(first);
});

/** How often each is done; in the long run, as often as it was promised, and what takes longest to settle, too. */
const repetitions: Readonly<Record<string, number>> = {
  batches: many ? 5000 : 400,
  "calls of a worker": many ? 2000 : 500,
  workers: many ? 300 : 20,
  ...(many && { "mini-batches": 20_000, "new problems": 5000 }),
};

test.each(Object.entries(repetitions))(
  "memory stays through %s",
  async (kind, count) => {
    type Memory = Record<"heap" | "outside" | "resident", number>;
    const { before, after } = (await outputOf("memory", kind, String(count))) as Record<"before" | "after", Memory>;
    expect(after.heap + after.outside).toBeLessThan(1.02 * (before.heap + before.outside));
  },
  1_200_000,
);
