import { readdirSync, readFileSync } from "node:fs";
import { transformSync } from "esbuild";
import { expect, it } from "vitest";

const folders = ["src", "problems", "solvers", "sensitivity", "training", "cli", "bench"];
const texts = folders.flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => readFileSync(`${folder}/${file}`, "utf8")),
);

it("every class of errors has its name written out", () => {
  const parents = new Map(
    texts.flatMap((text) => [...text.matchAll(/class (\w+) extends (\w+)/g)].map(([, name, parent]) => [name, parent] as const)),
  );
  const isError = (name: string | undefined): boolean => name === "Error" || (name !== undefined && isError(parents.get(name)));
  const classes = [...parents.keys()].filter(isError);
  expect(classes.length).toBeGreaterThan(50);
  const written = texts.join("\n");
  const unnamed = classes.filter((name) => !new RegExp(`static override readonly name(: string)? = "${name}"`).test(written));
  expect(unnamed).toEqual([]);
});

it("names survive minification", async () => {
  const { code } = transformSync(readFileSync("src/core/errors.ts", "utf8"), { loader: "ts", format: "esm", minify: true });
  const errors = (await import(`data:text/javascript,${encodeURIComponent(code)}`)) as Record<
    string,
    new (details?: never) => Error
  >;
  expect(new errors.ShapeMismatch().name).toBe("ShapeMismatch");
  expect(new errors.UnreadableConstruct({} as never).name).toBe("UnreadableConstruct");
});
