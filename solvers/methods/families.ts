/** The families, by name. */
import { explicit } from "../families/explicit/family.ts";
import { rosenbrock } from "../families/rosenbrock/family.ts";

export const families = { explicit, rosenbrock } as const;
