/** All of the library but what builds and commands need, for the one file that pages without a bundler load. */
export * from "./index.ts";
export * from "./training/index.ts";
export * from "./problems/index.ts";
export * from "./plot/index.ts";
export * from "./solvers/index.ts";
export * from "./sensitivity/index.ts";
export type { Series } from "./index.ts";
