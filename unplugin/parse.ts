/** Parses the files of a project: JavaScript, TypeScript, JSX. */
import { parse, Parser, type Comment, type Options, type Program } from "acorn";
import type * as TypeScript from "@sveltejs/acorn-typescript";
import { needed } from "./packages.ts";

export interface Parsed {
  readonly program: Program;
  readonly comments: readonly Comment[];
}

/** Throws SyntaxError. */
export function parsedFile(code: string, path: string): Parsed {
  const isTyped = /\.[cm]?tsx?$/.test(path);
  const attempts = isTyped
    ? [typed(code, path.endsWith("x"))]
    : [plain(code, "module"), plain(code, "script"), typed(code, true)];
  let failure: unknown;
  for (const attempt of attempts) {
    const comments: Comment[] = [];
    try {
      return { program: attempt(comments), comments };
    } catch (error) {
      failure ??= error;
    }
  }
  throw failure;
}

type Attempt = (comments: Comment[]) => Program;

function plain(code: string, sourceType: Options["sourceType"]): Attempt {
  return (onComment) => parse(code, { ecmaVersion: "latest", sourceType, allowHashBang: true, onComment });
}

function typed(code: string, jsx: boolean): Attempt {
  return (onComment) => {
    const { tsPlugin } = needed<typeof TypeScript>("@sveltejs/acorn-typescript");
    // Its places need lines.
    return Parser.extend(tsPlugin({ jsx })).parse(code, {
      ecmaVersion: "latest",
      sourceType: "module",
      allowHashBang: true,
      locations: true,
      onComment,
    });
  };
}
