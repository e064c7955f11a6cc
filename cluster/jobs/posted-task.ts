/** An ensemble's task on its way to another process: methods and reducers are code, and go by their names. */
import type { Task } from "../../ensemble/chunks/task.ts";
import { reducers } from "../../ensemble/reducers/index.ts";
import type { Reducer } from "../../ensemble/reducers/reducer.ts";
import { BadOption } from "../../src/core/errors.ts";
import { received, sendable } from "../../worker/methods.ts";

export interface PostedTask extends Omit<Task, "reducers"> {
  readonly reducers?: Readonly<Record<string, Required<Reducer>["made"]>>;
}

/** Throws {@link BadOption} for a reducer of the user's, which no other process has. */
export function postedTask({ settings, reducers, ...task }: Task): PostedTask {
  return { ...task, settings: sendable(settings), ...(reducers && { reducers: mapped(reducers, madeOf) }) };
}

export function receivedTask({ settings, reducers, ...task }: PostedTask): Task {
  return { ...task, settings: received(settings), ...(reducers && { reducers: mapped(reducers, remade) }) };
}

function madeOf({ made }: Reducer, name: string): Required<Reducer>["made"] {
  if (made) return made;
  throw new BadOption(
    `reduce.${name} is a reducer of the program's, and functions do not go to a cluster. Take one of the library's, or another device.`,
  );
}

function remade({ name, given }: Required<Reducer>["made"]): Reducer {
  return (reducers[name as keyof typeof reducers] as (given: unknown) => Reducer)(given);
}

function mapped<From, To>(all: Readonly<Record<string, From>>, change: (one: From, name: string) => To): Record<string, To> {
  return Object.fromEntries(Object.entries(all).map(([name, one]) => [name, change(one, name)]));
}
