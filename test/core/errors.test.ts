import { readdirSync, readFileSync } from "node:fs";
import { buildSync } from "esbuild";
import { expect, it } from "vitest";

const folders = ["src", "problems", "solvers", "sensitivity", "ensemble", "training", "cli", "bench"];
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

/** Those of the library; the command's own are no part of it. */
const files = folders
  .filter((folder) => folder !== "cli" && folder !== "bench")
  .flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((file) => /(^|\/)errors\.ts$/.test(file))
      .map((file) => `./${folder}/${file}`),
  );

it("every file of errors is part of the public face", () => {
  expect(files.length).toBeGreaterThan(8);
  const face = readFileSync("index.ts", "utf8");
  expect(files.filter((file) => !face.includes(`export * from "${file}";`))).toEqual([]);
});

it("names survive minification", async () => {
  const contents = files.map((file) => `export * from "${file}";`).join("\n");
  const bundle = buildSync({ stdin: { contents, resolveDir: "." }, bundle: true, format: "esm", minify: true, write: false });
  const url = `data:text/javascript,${encodeURIComponent(bundle.outputFiles[0].text)}`;
  const errors = (await import(url)) as Record<string, new (details?: never) => Error>;
  expect(new errors.ShapeMismatch().name).toBe("ShapeMismatch");
  expect(new errors.UnreadableConstruct({} as never).name).toBe("UnreadableConstruct");
});
