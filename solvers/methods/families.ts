/** The families, by name. */
import { adams } from "../families/adams/family.ts";
import { bdf } from "../families/bdf/family.ts";
import { explicit } from "../families/explicit/family.ts";
import { radau } from "../families/radau/family.ts";
import { rock } from "../families/rock/family.ts";
import { rosenbrock } from "../families/rosenbrock/family.ts";
import { sdirk } from "../families/sdirk/family.ts";
import { stabilized } from "../families/stabilized/family.ts";
import { symplectic } from "../families/symplectic/family.ts";

export const families = { explicit, rosenbrock, sdirk, radau, adams, bdf, stabilized, rock, symplectic } as const;
