/**
 * The past of backward differentiation formulas, in modified divided differences of the state (K. E. Brenan, S. L. Campbell, L. R. Petzold,
 * Numerical Solution of Initial-Value Problems in Differential-Algebraic Equations (1996), 5.2),
 *
 *   ψⱼ = tₙ − tₙ₋ⱼ,   φⱼ = ψ₁ ⋯ ψⱼ₋₁ u[tₙ, …, tₙ₋ⱼ₊₁],
 *
 * where φ₁ is the state itself, and lies with it. A step of order k reads φ₂, …, φₖ₊₂ and leaves as many: those of higher orders are
 * not kept.
 */
import type { PastForm } from "../multistep/past.ts";
import { LARGEST_ORDER } from "./tableau.ts";

/** An order is judged with the differences of the next one. */
export const bdfPast: PastForm = { largestOrder: LARGEST_ORDER, differences: LARGEST_ORDER + 1, lowest: 2 };
