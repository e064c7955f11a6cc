/** Runs commands in this process. */
import { vi } from "vitest";
import { runCommand } from "../../cli/command.ts";

/** The exit code, and what is said on standard error. */
export async function refused(...args: string[]): Promise<[code: number, stderr: string]> {
  let said = "";
  const spies = [
    vi.spyOn(console, "error").mockImplementation((text: string) => void (said += `${text}\n`)),
    vi.spyOn(process.stderr, "write").mockImplementation((text) => {
      said += String(text);
      return true;
    }),
  ];
  try {
    return [await runCommand(args), said];
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}
