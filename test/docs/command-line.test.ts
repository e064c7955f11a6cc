/** The page on the command line names all of it. That its commands run is tested with those of all pages. */
import { expect, it } from "vitest";
import { benchmarks } from "../../bench/index.ts";
import { odegradCommand } from "../../cli/command.ts";
import { odegrad, pageAt } from "./pages.ts";

const { text } = pageAt("docs/command-line.md");

it("has the options that each command takes, and no others", () => {
  const all = odegradCommand().commands.filter(({ options }) => options.some(({ long }) => long !== "--json"));
  const told = new Map(all.map((command) => [command.name(), new Set<string>()]));
  for (const [, options, commands] of text.matchAll(/^\| (`--.*?) +\| (.*?) +\|/gm)) {
    const named = commands.match(/\w+/g)!.filter((word) => told.has(word));
    const isOf = (name: string): boolean => commands.startsWith("all") !== named.includes(name);
    for (const [option] of options.matchAll(/--[a-z-]+/g)) {
      for (const [name, known] of told) if (isOf(name)) known.add(option);
    }
  }
  for (const command of all) {
    const own = command.options.map(({ long }) => long!);
    expect([...told.get(command.name())!].sort(), command.name()).toEqual(own.sort());
  }
});

it("names every command, option and benchmark", () => {
  const names = odegradCommand().commands.map((command) => command.name());
  const help = names.map((name) => odegrad(`odegrad ${name} --help`)).join("\n");
  for (const name of names) expect(text).toContain(`odegrad ${name}`);
  for (const [option] of help.matchAll(/--[a-z]+/g)) if (option !== "--help") expect(text).toContain(option);
  for (const benchmark of Object.keys(benchmarks)) {
    expect(text).toContain(benchmark);
    expect(help).toContain(benchmark);
  }
});
