/** `odegrad problems` */
import { Command } from "commander";
import { problemTable } from "../../problems/table.ts";
import { print } from "../output/print.ts";
import { toJson } from "../messages/json.ts";

export function problemsCommand(): Command {
  return new Command("problems")
    .description("lists the named problems and their options")
    .option("--json", "print one JSON object")
    .action(({ json }: { json?: boolean }) => {
      const problems = Object.entries(problemTable).map(([name, { description, options }]) => ({ name, description, options }));
      if (json) return print(toJson({ problems }));
      for (const { name, description, options } of problems) {
        const settings = Object.entries(options).map(([option, value]) => `${option}=${String(value)}`);
        print(`${name}\n  ${description}${settings.length ? `\n  options: ${settings.join(", ")}` : ""}`);
      }
    });
}
