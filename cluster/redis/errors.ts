/** What goes wrong between programs, Redis and workers. */
import { OdegradError } from "../../src/core/errors.ts";

/** How a Redis is started, and workers with it. */
const START = "Start one: redis-server --appendonly yes --maxmemory-policy noeviction, or docker compose up.";

/** Nothing answers as Redis at the URL. */
export class NoRedis extends OdegradError {
  static override readonly name = "NoRedis";

  constructor(where: string, reason: string) {
    super(`There is no Redis at ${where}: ${reason}. ${START} Another place is given as --redis URL, or as \`redis\`.`);
  }
}

/** Redis asks for a password, or refuses the one of the URL. */
export class RedisNeedsPassword extends OdegradError {
  static override readonly name = "RedisNeedsPassword";

  constructor(where: string, reason: string) {
    super(
      `The Redis at ${where} does not let us in: ${reason}. Give user and password in the URL: redis://user:password@host:6379.`,
    );
  }
}

/** Redis has no memory left for jobs or results. */
export class RedisFull extends OdegradError {
  static override readonly name = "RedisFull";

  constructor(where: string, reason: string) {
    super(
      `The Redis at ${where} is full: ${reason}. Give it more memory (CONFIG SET maxmemory), reduce results on the way, save fewer times, or ` +
        `take smaller chunks.`,
    );
  }
}

/** Redis went away, and did not come back in time. Jobs and results are kept by a Redis with an append-only file. */
export class RedisLost extends OdegradError {
  static override readonly name = "RedisLost";

  constructor(
    where: string,
    patience: number,
    /** By which the run is resumed. */
    readonly run: string,
  ) {
    super(
      `The Redis at ${where} went away and did not come back within ${patience} s. What is done is there when it is back with its append-only ` +
        `file: go on with resume: "${run}", or --resume ${run}. \`patience\` is how long is waited.`,
    );
  }
}

/** Nobody takes the jobs. */
export class NoWorkers extends OdegradError {
  static override readonly name = "NoWorkers";

  constructor(
    where: string,
    patience: number,
    /** By which the run is resumed. */
    readonly run: string,
  ) {
    super(
      `No worker has looked for jobs at ${where} for ${patience} s. Start one, on any machine that reaches it: odegrad worker --redis ${where}. ` +
        `Then go on with resume: "${run}", or --resume ${run}.`,
    );
  }
}

/** A loss, a reducer or another function that workers cannot find: they run no code that comes over the network. */
export class CannotTravel extends OdegradError {
  static override readonly name = "CannotTravel";

  /** `from`: the module that it was looked for in, and what that exports. */
  constructor(what: string, from?: { readonly module: string; readonly names: readonly string[] }) {
    const why = from
      ? `none of the exports of "${from.module}" (${from.names.join(", ") || "it has none"})`
      : "a function of the program's, and workers run none that comes over the network";
    const say = from ? "" : ', and say which module: cluster({ …, functions: new URL("./model.js", import.meta.url) })';
    const example = what === "loss" ? "export const loss = { … }" : `export const ${/\w+$/.exec(what)?.[0] ?? "it"} = …`;
    super(`${what} is ${why}. Export it from the module (${example})${say}, and hand over that very export.`);
  }
}

/** A job failed each time that it was tried; the reason is that of the last time. */
export class JobFailed extends OdegradError {
  static override readonly name = "JobFailed";

  constructor(index: number, reason: string) {
    super(`Job ${index} failed each time that a worker tried it, the last time by this: ${reason}`);
  }
}

/** A result is not what was asked for, or was changed on its way. */
export class BadResult extends OdegradError {
  static override readonly name = "BadResult";

  constructor(what: string) {
    super(`${what}. Look whether something else writes to that Redis, and run it again.`);
  }
}

/** There is nothing to resume, or something else. */
export class BadResume extends OdegradError {
  static override readonly name = "BadResume";
}

/** What a worker refuses is thrown where its message arrives, so that classes take it as it is. */
class Refusal extends OdegradError {
  static override readonly name: string = "Refusal";
}

/** The worker runs another version of the library. */
export class OtherVersion extends Refusal {
  static override readonly name = "OtherVersion";
}

/** The module that the worker finds differs from the program's, or is not there. */
export class OtherModule extends Refusal {
  static override readonly name = "OtherModule";
}

/** The problem that the worker finds is another one than the program's. */
export class OtherProblem extends Refusal {
  static override readonly name = "OtherProblem";
}

/** By the names that they bear on their way. */
export const refusals: Readonly<Record<string, new (message: string) => OdegradError>> = {
  OtherVersion,
  OtherModule,
  OtherProblem,
};
