/** Derivatives of where algebraic equations hold next to a state, by the state and by parameters: what a solve begins with. */
import { memo } from "../../src/core/memo.ts";
import { Arena } from "../../src/compile/arena.ts";
import { compile, type Compiled, type Target } from "../../src/compile/compile.ts";
import type { ProblemCode } from "../../src/problem/code.ts";
import { consistentCotangent, consistentTangent, type MassSystem } from "../step/algebraic.ts";
import { systemOf } from "./problem-system.ts";

export class ConsistentDerivatives {
  private readonly arena = new Arena();
  private readonly address: Record<"uDot" | "gradient" | "u" | "p" | "pDot", number>;
  private readonly code: Record<"tangent" | "cotangent", Compiled>;

  constructor(system: MassSystem, target: Target) {
    const { arena } = this;
    const unit = compile({ tangent: consistentTangent(system), cotangent: consistentCotangent(system) }, arena, target);
    const { n, np } = system;
    const [uDot, gradient, u, p, pDot] = [n, np, n, np, np].map((size) => arena.reserve(size));
    this.address = { uDot, gradient, u, p, pDot };
    this.code = unit.link();
  }

  /** Moves the derivative of a state to that of where the equations hold next to it. */
  tangent(uDot: Float64Array, pDot: Float64Array | undefined, u: Float64Array, p: Float64Array, t: number): void {
    const { address, code } = this;
    const [direction, , ofP] = this.write(u, p);
    direction.set(uDot);
    if (pDot) ofP.set(pDot);
    else ofP.fill(0);
    code.tangent(address.uDot, address.u, address.p, address.pDot, t);
    uDot.set(direction);
  }

  /** Takes a cotangent of that back to one of the state, and adds to that of the parameters. */
  cotangent(lambda: Float64Array, gradient: Float64Array, u: Float64Array, p: Float64Array, t: number): void {
    const { address, code } = this;
    const [cotangent, ofParameters] = this.write(u, p);
    cotangent.set(lambda);
    ofParameters.set(gradient);
    code.cotangent(address.uDot, address.gradient, address.u, address.p, t);
    lambda.set(cotangent);
    gradient.set(ofParameters);
  }

  private write(u: Float64Array, p: Float64Array): Float64Array[] {
    const { arena, address } = this;
    arena.f64(address.u, u.length).set(u);
    arena.f64(address.p, p.length).set(p);
    return [arena.f64(address.uDot, u.length), arena.f64(address.gradient, p.length), arena.f64(address.pDot, p.length)];
  }
}

/** Of a problem whose right-hand side can be read; undefined of one without a mass matrix. */
export function consistentDerivativesOf(code: ProblemCode, target: Target): ConsistentDerivatives | undefined {
  return code.mass && derivatives(systemOf(code) as MassSystem, target);
}

const derivatives = memo((system: MassSystem, target: Target) => new ConsistentDerivatives(system, target));
