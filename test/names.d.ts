/** In tests, names of methods and backends come from tables as strings: here any string is one. `test/types` checks what users see. */
import type { AdjointMethod } from "../sensitivity/adjoints/shared/method.ts";
import type { VjpBackend } from "../sensitivity/vjp/backend.ts";

declare module "../sensitivity/adjoints/index.ts" {
  interface AdjointMethods {
    [name: string]: AdjointMethod;
  }
}

declare module "../sensitivity/vjp/backends/index.ts" {
  interface VjpBackends {
    [name: string]: VjpBackend;
  }
}
