/** An ensemble's task on its way to another process: methods and reducers are code, and go by their names. */
import type { Task } from "../../ensemble/chunks/task.ts";
import { reducers as table } from "../../ensemble/reducers/index.ts";
import { madeOf, type Made } from "../../ensemble/reducers/made.ts";
import type { Reducer, Reducers } from "../../ensemble/reducers/reducer.ts";
import type { Method } from "../../solvers/step/method.ts";
import type { Loss } from "../../src/problem/problem.ts";
import { received, sendable } from "../../worker/methods.ts";
import { exportNamed, type Exports, type Names } from "../problem/exports.ts";

/** What a module exports under that name. */
interface Exported {
  readonly exported: string;
}

export interface PostedTask extends Omit<Task, "reducers" | "loss"> {
  readonly loss?: Exported;
  readonly reducers?: Readonly<Record<string, Made | Exported>>;
}

/** Settings that may be functions. */
const RULES = ["controller", "norm"] as const;

/** Throws CannotTravel for functions that the module does not export. */
export async function postedTask({ settings, method, reducers, loss, ...task }: Task, names: Names): Promise<PostedTask> {
  const byName = async (value: unknown, what: string): Promise<Exported> => ({ exported: await names.nameOf(value, what) });
  const rules: Record<string, unknown> = {};
  for (const rule of RULES) if (typeof settings[rule] === "function") rules[rule] = await byName(settings[rule], rule);
  const posted: Record<string, Made | Exported> = {};
  for (const [name, reducer] of Object.entries(reducers ?? {}))
    posted[name] = madeOf(reducer) ?? (await byName(reducer, `reduce.${name}`));
  return {
    ...task,
    settings: { ...sendable(settings), ...rules },
    ...(method && { method: sendable({ solver: method }).solver }),
    ...(loss && { loss: await byName(loss, "loss") }),
    ...(reducers && { reducers: posted }),
  };
}

/** Throws OtherModule for what the module does not export. */
export function receivedTask({ settings, method, reducers, loss, ...task }: PostedTask, exports: Exports | undefined): Task {
  const found = (value: unknown): unknown => (isExported(value) ? exportNamed(exports, value.exported) : value);
  const rules = Object.fromEntries(
    RULES.flatMap((rule) => (settings[rule] === undefined ? [] : [[rule, found(settings[rule])]])),
  );
  const own = (reducer: Made | Exported): Reducer => (isExported(reducer) ? (found(reducer) as Reducer) : remade(reducer));
  return {
    ...task,
    settings: { ...received(settings), ...rules },
    ...(method && { method: received({ solver: method }).solver as Method }),
    ...(loss && { loss: found(loss) as Loss }),
    ...(reducers && {
      reducers: Object.fromEntries(Object.entries(reducers).map(([name, one]) => [name, own(one)])) as Reducers,
    }),
  };
}

function isExported(value: unknown): value is Exported {
  return typeof value === "object" && value !== null && "exported" in value;
}

function remade({ name, given }: Made): Reducer {
  return (table[name as keyof typeof table] as (given: unknown) => Reducer)(given);
}
