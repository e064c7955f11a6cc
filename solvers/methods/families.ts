/** The families, by name. */
import { bdf } from "../families/bdf/family.ts";
import { explicit } from "../families/explicit/family.ts";
import { rosenbrock } from "../families/rosenbrock/family.ts";
import { sdirk } from "../families/sdirk/family.ts";
import { stabilized } from "../families/stabilized/family.ts";

export const families = { explicit, rosenbrock, sdirk, bdf, stabilized } as const;
