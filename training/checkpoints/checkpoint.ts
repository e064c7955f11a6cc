/** How far training or a fit has come, as plain data: what is needed to go on with the same numbers. */
import { isObject } from "../../src/core/options/check.ts";
import { BadTrainingOption } from "../optimisers/errors.ts";
import type { Identity } from "./identity.ts";

/** What `train` and `fit` go on from; JSON holds all of it. */
export interface Checkpoint {
  /** How many steps were taken. */
  readonly step: number;
  /** What it is of, by name, in words: parameters, data, optimiser, options. */
  readonly of: Identity;
  /** The misfit there: that of another model is another one. */
  readonly value: number;
  /** The numbers of the optimiser; an array of them is `{ numbers: […] }`. */
  readonly state: unknown;
}

/** A misfit that is nearer than this, relative to 1 or its size, is the same one: roundings differ from engine to engine. */
const SAME = 1e-6;

export function checkpointOf(step: number, of: Identity, value: number, state: object): Checkpoint {
  return { step, of, value, state: plain(state) };
}

/** Its state, as it was given to {@link checkpointOf}. Throws {@link BadTrainingOption} where it is of something else. */
export function stateOf<S>(checkpoint: Checkpoint, of: Identity, verb: string): S {
  const { step, of: its, state, value } = Object(checkpoint) as Partial<Checkpoint>;
  if (!isObject(its) || !isObject(state) || !Number.isInteger(step) || !Number.isFinite(value)) {
    throw new BadTrainingOption(
      `${verb}: \`resume\` is no checkpoint. Give what \`onCheckpoint\` got, or \`checkpoint\` of a result.`,
    );
  }
  for (const key of new Set([...Object.keys(of), ...Object.keys(its)])) {
    if (its[key] !== of[key]) throw unlike(verb, key, inShort(its[key]), inShort(of[key]));
  }
  return typed(state) as S;
}

/** Throws {@link BadTrainingOption} where the misfit at its point is another one than it was. */
export function requireSameValue({ value }: Checkpoint, now: number, verb: string): void {
  if (Math.abs(value - now) <= SAME * Math.max(1, Math.abs(value))) return;
  throw unlike(verb, "the misfit, which follows from the model", String(value), String(now));
}

function unlike(verb: string, key: string, its: string, own: string): BadTrainingOption {
  return new BadTrainingOption(
    `${verb}: \`resume\` is of something else. There, ${key}: ${its}; here: ${own}. Give the same model, data and options, or start ` +
      "anew from the parameters that it led to.",
  );
}

function inShort(text: string | undefined): string {
  if (!text) return "not given";
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

/** What JSON can hold. */
function plain(value: unknown): unknown {
  if (value instanceof Float64Array) return { numbers: Array.from(value, (x) => (Number.isFinite(x) ? x : String(x))) };
  if (Array.isArray(value)) return value.map(plain);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, plain(one)]));
}

function typed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(typed);
  if (!isObject(value)) return value;
  if ("numbers" in value) return Float64Array.from(value.numbers as readonly unknown[], Number);
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, typed(one)]));
}
