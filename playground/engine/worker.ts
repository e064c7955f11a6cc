/** The worker that runs models. Its page hands it a port, asks over that, and hears answers, progress and signs of life. */
import { executionOf } from "../../solvers/systems/problem-system.ts";
import type { OdeProblem } from "../../src/problem/problem.ts";
import { TooLong } from "../shared/errors.ts";
import type { Answered, Asked, Call, Calls } from "../shared/protocol.ts";
import { alivePeriodically, libraryPatience, ownPatience, type Alive } from "./alive.ts";
import { compared } from "./comparing.ts";
import { explained } from "./explaining.ts";
import { fitted, observed, tableOf } from "./fitting.ts";
import { infoOf, problemOf } from "./model.ts";
import { hearPolicy, refuseNetwork, throwRefused } from "./network.ts";
import { faultOf } from "./places.ts";
import { solved } from "./solving.ts";

/** Longer texts are no models that anybody wrote. */
const MOST_CHARACTERS = 2e6;

interface Told<K extends Call> {
  readonly alive: Alive;
  readonly progress: (value: Calls[K]["progress"]) => void;
}

type Answers = { readonly [K in Call]: (ask: Calls[K]["ask"], told: Told<K>) => Promise<Calls[K]["answer"]> };

const answers: Answers = {
  async describe({ text }, { alive }) {
    return infoOf(await ready(text, alive, hearPolicy));
  },
  async solve(ask, { alive }) {
    const problem = await ready(ask.text, alive);
    return solved(problem, ask, alivePeriodically(alive, ask.text));
  },
  async table({ csv }, { alive }) {
    const table = await tableOf(csv, alivePeriodically(alive, ""));
    observed(table);
    return table;
  },
  async fit(ask, { alive, progress }) {
    const problem = await ready(ask.text, alive);
    return fitted(problem, ask, (reached) => {
      alive(libraryPatience(ask.text));
      progress(reached);
    });
  },
  async explain(ask, { alive }) {
    return explained(await ready(ask.text, alive), ask);
  },
  async compare(ask, { alive, progress }) {
    const problem = await ready(ask.text, alive);
    return { reference: compared(problem, ask, progress, alivePeriodically(alive, ask.text)) };
  },
};

/** The problem of a text, whose own code runs with little patience; what the library does before and after gets more. */
async function ready(text: string, alive: Alive, whenRun = async (): Promise<void> => {}): Promise<OdeProblem> {
  if (text.length > MOST_CHARACTERS) {
    throw new TooLong(`The model has ${text.length} characters; the playground takes ${MOST_CHARACTERS} at most.`);
  }
  alive(libraryPatience(text));
  const problem = await problemOf(text, () => alive(ownPatience(text)));
  await whenRun();
  throwRefused();
  alive(libraryPatience(text));
  // What cannot be read runs by itself, and may hang in any step.
  if (!executionOf(problem.code).compiled) alive(ownPatience(text));
  return problem;
}

/** What is handed over, and not copied: lists that an answer was made of. */
function buffersOf(found: object): Transferable[] {
  return Object.values(found).flatMap((one) => (one instanceof Float64Array ? [one.buffer] : []));
}

async function answer<K extends Call>(port: MessagePort, { id, call, ask }: Asked<K>): Promise<void> {
  const post = (message: Answered): void => port.postMessage(message);
  const told: Told<K> = {
    alive: (patience) => post({ id, patience }),
    progress: (progress) => post({ id, progress }),
  };
  try {
    const found = await answers[call](ask, told);
    throwRefused();
    port.postMessage({ id, answer: found } satisfies Answered, buffersOf(found));
  } catch (error) {
    post({ id, fault: faultOf(orRefused(error), "text" in ask ? ask.text : "") });
  }
}

/** What was refused counts, whatever came of it. */
function orRefused(error: unknown): unknown {
  try {
    throwRefused();
    return error;
  } catch (refused) {
    return refused;
  }
}

self.addEventListener(
  "message",
  ({ ports: [port] }) => {
    refuseNetwork();
    port.addEventListener("message", ({ data }) => void answer(port, data as Asked));
    port.start();
  },
  { once: true },
);
