/**
 * Symmetric compositions of Strang's splitting of position' = g(velocity), velocity' = a(position) (E. Hairer, C. Lubich, G. Wanner,
 * Geometric Numerical Integration, 2nd ed. (2006), V.3.2): one after the other, for each weight w,
 *
 *   velocity += w h/2 a(position),   position += w h g(velocity),   velocity += w h/2 a(position).
 */
import type { Method } from "../../step/method.ts";

export type SymplecticMethod = Method<SymplecticTableau>;

export interface SymplecticTableau {
  /** Which sum to one. */
  readonly weights: readonly number[];
}
