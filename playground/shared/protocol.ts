/** What the page asks of the worker that runs models, and what it answers. */

/** A grid within the flat state. */
export interface Grid {
  readonly name: string;
  readonly rows: number;
  readonly columns: number;
  readonly offset: number;
}

export interface ModelInfo {
  readonly name: string;
  /** Names of the components of the flat state and parameters, with the values that the model states. */
  readonly states: readonly string[];
  readonly initial: readonly number[];
  readonly parameters: readonly string[];
  readonly values: readonly number[];
  readonly tspan: readonly [number, number];
  readonly grids: readonly Grid[];
  /** Is u0 a function of the parameters? */
  readonly startsByParameters: boolean;
}

/** A model, and how it is to be solved. */
export interface Setting {
  readonly text: string;
  /** Flat parameters and initial state; absent: those of the model. */
  readonly p?: readonly number[];
  readonly u0?: readonly number[];
  /** The name of a method; absent: the library chooses. */
  readonly solver?: string;
  readonly rtol: number;
  /** Times grow by a constant factor, not a constant difference. */
  readonly logTime: boolean;
}

export interface Curves {
  readonly t: Float64Array;
  /** Flat states at the times, one after the other. */
  readonly states: Float64Array;
  /** ∂u/∂p at the times likewise, each [states, parameters], row-major; or why there are none. */
  readonly slopes: Float64Array | string;
  readonly solver: string;
  readonly steps: number;
  readonly rejected: number;
  readonly milliseconds: number;
  /** Times at which the right-hand side switched. */
  readonly switches: readonly number[];
  readonly warnings: readonly Fault[];
  /** Why they end early. */
  readonly failure?: Fault;
}

/** Observations by name, NaN where one is missing. */
export interface Table {
  readonly t: Float64Array;
  readonly values: Readonly<Record<string, Float64Array>>;
}

export interface FitProgress {
  readonly iteration: number;
  readonly misfit: number;
  readonly p: readonly number[];
  readonly u0: readonly number[];
  /** With these. */
  readonly curves: Curves;
}

export interface Fitted extends Omit<FitProgress, "curves"> {
  readonly rows: readonly { readonly name: string; readonly value: number; readonly error: number; readonly note: string }[];
  readonly converged: boolean;
  readonly ended: string;
  readonly optimiser: string;
  readonly observations: number;
  readonly warnings: readonly string[];
}

export interface PlanText {
  readonly summary: string;
  readonly loss: string;
  readonly known: readonly string[];
  readonly decisions: readonly {
    readonly about: string;
    readonly chosen: string;
    readonly because: string;
    readonly rejected: readonly { readonly name: string; readonly because: string }[];
  }[];
  readonly warnings: readonly string[];
}

/** A solve by one method at one tolerance. */
export interface Run {
  readonly solver: string;
  readonly rtol: number;
  /** Of a solve once all is compiled. */
  readonly milliseconds: number;
  readonly steps: number;
  readonly rejected: number;
  readonly rhsCalls: number;
  /** The largest difference to the reference at any time, relative to the size of its component. */
  readonly error: number;
  /** Why there is no such solve. */
  readonly failure?: string;
}

/** What went wrong: names and messages of errors, with the place in the model's text where there is one (1-based line, 0-based column). */
export interface Fault {
  readonly name: string;
  readonly message: string;
  readonly line?: number;
  readonly column?: number;
}

export interface Calls {
  readonly describe: { readonly ask: { readonly text: string }; readonly answer: ModelInfo; readonly progress: never };
  readonly solve: { readonly ask: Setting; readonly answer: Curves; readonly progress: never };
  readonly table: { readonly ask: { readonly csv: string }; readonly answer: Table; readonly progress: never };
  readonly fit: {
    readonly ask: Setting & { readonly table: Table; readonly initial: boolean };
    readonly answer: Fitted;
    readonly progress: FitProgress;
  };
  readonly explain: { readonly ask: Setting & { readonly table?: Table }; readonly answer: PlanText; readonly progress: never };
  readonly compare: { readonly ask: Setting; readonly answer: { readonly reference: string }; readonly progress: Run };
}

export type Call = keyof Calls;

export interface Asked<K extends Call = Call> {
  readonly id: number;
  readonly call: K;
  readonly ask: Calls[K]["ask"];
}

export type Answered =
  | { readonly id: number; readonly answer: unknown }
  | { readonly id: number; readonly progress: unknown }
  | { readonly id: number; readonly fault: Fault }
  /** A sign of life, with how long the next one may take, in milliseconds. */
  | { readonly id: number; readonly patience: number };
