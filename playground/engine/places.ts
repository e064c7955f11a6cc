/** Where in a model's text an error is. */
import type { AnyNode } from "acorn";
import type { Fault } from "../shared/protocol.ts";
import { javaScriptOf, parsed } from "./script.ts";

export interface Position {
  /** 1-based. */
  readonly line: number;
  /** 0-based. */
  readonly column: number;
}

/** An error that is known to be at a place of the text. */
export class At extends Error {
  constructor(
    override readonly cause: Error,
    readonly position: Position,
  ) {
    super(cause.message, { cause });
  }
}

/** What the page shows of an error. */
export function faultOf(error: unknown, text: string): Fault {
  if (error instanceof At) return { ...faultOf(error.cause, text), ...error.position };
  if (!(error instanceof Error)) return { name: "Error", message: `The model threw ${String(error)}.` };
  const { name } = error;
  const syntax = (error as { loc?: Position }).loc;
  if (name === "SyntaxError" && syntax) return { name, message: error.message.replace(/ \(\d+:\d+\)$/, "."), ...syntax };
  const place = placeIn(error.message, text);
  return { name, message: shortened(error.message, place), ...(place ?? placeOfCause(error)) };
}

/** The same of a warning. */
export function warningOf(message: string, text: string): Fault {
  const place = placeIn(message, text);
  return { name: "Warning", message: shortened(message, place), ...place };
}

/** Messages tell the place, show its line with a caret, and say that solutions are attached: the page shows the line itself, and attaches nothing. */
function shortened(message: string, place: Position | undefined): string {
  return (place ? message.replace(SAID, "$1$5") : message)
    .replace(/ ?The solution so far is attached as `solution`; `throwOnFailure: false` returns it\.$/, "")
    .replaceAll(/\n? {2}\d+ \|[^\n]*\n[ \t]*\^/g, "");
}

/** What comes before it, the name, the line, the column, and what is quoted behind it. */
const SAID = /(^|\n|: )([^\n:]+), line (\d+)(?:, column (\d+))?: (`[^`]+`)?/;

/**
 * Of a message about a place in a function, "rhs, line 2, column 5: …" or "name, line 2: `u.x > 1` …", which counts from the function's own start.
 * Which function that is tells its name, or the text that the message quotes.
 */
function placeIn(message: string, text: string): Position | undefined {
  const said = SAID.exec(message);
  if (!said) return undefined;
  const [, , name, line, column = "1", quoted = ""] = said;
  const code = new RegExp(`^ {2}${line} \\| (.*)$`, "m").exec(message)?.[1] ?? quoted.replaceAll("`", "");
  const lines = text.split("\n");
  const places = functionsIn(text).map((one) => ({
    name: one.name,
    at: withinText(one.start, Number(line), Number(column) - 1),
  }));
  // Comments are blank in what messages quote.
  const fitting = places.filter(({ at }) => lines[at.line - 1]?.includes(code.trim()));
  const { at } = fitting.find((one) => one.name === name) ?? fitting[0] ?? places.find((one) => one.name === name) ?? {};
  return at && said[4] === undefined ? { line: at.line, column: Math.max(0, lines[at.line - 1].indexOf(code.trim())) } : at;
}

function withinText(start: Position, line: number, column: number): Position {
  return { line: start.line + line - 1, column: line === 1 ? start.column + column : column };
}

interface FunctionPlace {
  readonly name: string;
  readonly start: Position;
}

/** All functions of a text, with where their own texts begin: those of methods with their names. */
function functionsIn(text: string): FunctionPlace[] {
  const found: FunctionPlace[] = [];
  const visit = (node: unknown, name: string, start?: Position): void => {
    if (Array.isArray(node)) return node.forEach((one) => visit(one, ""));
    if (!isNode(node)) return;
    if (/Function/.test(node.type)) found.push({ name: nameIn(node) ?? name, start: start ?? node.loc!.start });
    for (const [key, child] of Object.entries(node)) {
      const isMethod = key === "value" && (node.type === "MethodDefinition" || (node.type === "Property" && node.method));
      visit(child, nameIn(node) ?? "", isMethod ? node.loc!.start : undefined);
    }
  };
  visit(parsed(javaScriptOf(text)), "");
  return found;
}

function isNode(value: unknown): value is AnyNode {
  return typeof value === "object" && value !== null && "type" in value && "loc" in value;
}

/** "rhs" of `rhs(…) { … }`, `rhs: …`, `function rhs` and `const rhs = …`. */
function nameIn(node: AnyNode): string | undefined {
  const named = (node as { id?: unknown; key?: unknown }).id ?? (node as { key?: unknown }).key;
  return isNode(named) && named.type === "Identifier" ? named.name : undefined;
}

/** The innermost line of the model in the stack of an error, or of what caused it. */
function placeOfCause(error: Error): Position | undefined {
  const frame = /\bblob:[^\s)]*?:(\d+):(\d+)/.exec(modelFrames(error.stack ?? ""));
  if (frame) return { line: Number(frame[1]), column: Number(frame[2]) - 1 };
  return error.cause instanceof Error ? placeOfCause(error.cause) : undefined;
}

/** The engine is a blob too. */
function modelFrames(stack: string): string {
  const own = self.location.href;
  return stack
    .split("\n")
    .filter((line) => !line.includes(own))
    .join("\n");
}
