/** The families, by name. */
import { explicit } from "./explicit/family.ts";
import { rosenbrock } from "./rosenbrock/family.ts";

export const families = { explicit, rosenbrock } as const;
