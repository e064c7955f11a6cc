/** Switches of the right-hand side's decisions along an integration: looked for in its steps, aimed at, and gone over. */
import { Branches, type VelocityAt } from "./branches.ts";
import { partOf } from "./chosen-step.ts";
import type { Halts } from "./halts.ts";
import type { Code, Prepared } from "./prepare.ts";
import { Recurrence } from "./recurrence.ts";
import { isMoved, jumpsOf } from "./switch-jumps.ts";
import { integer, outcome, real, RELEASED } from "./registers.ts";
import type { IntegrationRequest } from "./request.ts";
import type { Retake } from "./retake.ts";
import { gapAt, type Stop } from "./stops.ts";
import { locate, type Located } from "./switch-location.ts";
import type { TakenSteps } from "./taken-steps.ts";
import type { EventKind, Trajectory } from "./trajectory.ts";

const ULP = 2 ** -52;
/** Relative to t; a switch that is nearer to where a step begins is there. */
const MOVING_STEP = 2 ** -50;
/** Relative to t: a correction that is larger is of no rounding. */
const NEAR = 2 ** -40;
/** Corrections of a time, and looks at steps from one place, at most. */
const MOST_CORRECTIONS = 8;
const MOST_LOOKS = 16;
/** Steps behind a switch that are looked at one by one, to see what left where it switched. */
const MOST_LEAVING = 3;
/** So many switches in turn without a jump are kinks, of which none need be stopped at. */
const KINKS = 4;

/** A switch that the present step is to end at. */
interface Aim extends Located {
  readonly stop: Stop;
  readonly corrections: number;
  /** How far the last correction moved it. */
  readonly moved: number;
  /** The derivative where the step began within which it was found. */
  readonly slope: Float64Array;
}

/** What is wrong with a switch. */
export type BadSwitch = { readonly kind: "slidingMode" | "endlessEvents"; readonly decision: number };

/** Of a right-hand side whose decisions are held. */
export function branchSwitches(
  { system: { branches }, code, target }: Prepared,
  retake: Retake,
  halts: Halts,
  request: IntegrationRequest,
  trajectory: Trajectory,
): BranchSwitches | undefined {
  if (!branches) return undefined;
  const held = new Branches(branches, code.view.p, request.t1 < request.t0 ? -1 : 1, target);
  return new BranchSwitches(code, retake, held, halts, request, trajectory);
}

export class BranchSwitches {
  private aim: Aim | undefined;
  private looks = 0;
  private leaving = 0;
  /** Was the step that was tried last not to be watched? */
  private isUnwatched = false;
  /** Is nothing held any more? */
  private isReleased = false;
  /** Switches since the last at which something jumped. */
  private sinceJump = 0;
  private readonly direction: number;
  private readonly recurrence: Recurrence;

  constructor(
    private readonly code: Code,
    private readonly retake: Retake,
    private readonly branches: Branches,
    private readonly halts: Halts,
    private readonly request: IntegrationRequest,
    private readonly trajectory: Trajectory,
  ) {
    const { t0, t1 } = request;
    this.direction = t1 < t0 ? -1 : 1;
    this.recurrence = new Recurrence(Math.abs(t1 - t0));
    code.view.reals[real.part] = partOf(request);
  }

  /** To be called before each run of the step loop. Is each step to be looked at before the next one? */
  beforeTry(): boolean {
    if (this.isReleased) return false;
    this.isUnwatched = this.code.view.integers[integer.unwatched] !== 0;
    return (
      this.isUnwatched ||
      this.aim !== undefined ||
      !this.branches.isHeld ||
      (this.branches.isLeaving && this.leaving < MOST_LEAVING)
    );
  }

  use(): void {
    this.branches.use();
  }

  release(): void {
    this.branches.release();
  }

  /** The integration begins, or goes on where something else than a switch changed the state or the right-hand side. */
  begin(u: Float64Array, t: number, event?: EventKind): BadSwitch | undefined {
    this.forget();
    if (this.isReleased) return undefined;
    const decision = this.branches.begin(u, t, this.gapAt(t), this.velocityAt(t));
    const { branchModes } = this.trajectory;
    const modes = this.branches.modes();
    if (branchModes.at(-1)?.modes.every((x, k) => x === modes[k]) !== true) branchModes.push({ t, modes, event });
    return decision === undefined ? undefined : { kind: "slidingMode", decision };
  }

  /**
   * From here on decisions turn out as the state has it, as they do where nothing holds them: where a denominator crosses zero through which they
   * look, or kinks follow each other ever faster, errors are controlled no worse so.
   */
  private letGo(): void {
    this.isReleased = true;
    this.trajectory.released = true;
    this.forget();
    this.branches.release();
    const { integers, reals } = this.code.view;
    integers[integer.unwatched] = RELEASED;
    reals[real.longest] = Math.min(reals[real.longest], reals[real.part]);
  }

  /** What was aimed at is not there any more. */
  forget(): void {
    this.aim = undefined;
    this.halts.aim = undefined;
    this.looks = 0;
    this.leaving = 0;
  }

  /** Looks at what a run of the step loop has left. "again": its step is dropped, and taken again to end elsewhere. */
  look(steps: TakenSteps): "keep" | "again" {
    if (this.isReleased) return "keep";
    const { reals, integers } = this.code.view;
    const { aim, branches } = this;
    const how = integers[integer.outcome];
    if (how === outcome.crossed) this.lookAt(steps);
    else if (how === outcome.astray) branches.hold(false);
    if (this.isReleased || steps.count === 0) return "keep";
    if (aim && how === outcome.stopped && reals[real.t] === aim.stop.end && this.correct(aim, steps)) return "again";
    const [u, t] = [steps.state(steps.count), steps.time(steps.count)];
    if (how !== outcome.astray && how !== outcome.crossed) branches.hold(true);
    if (!this.aim) this.takeHere(steps);
    if (branches.isLeaving && this.leaving++ < MOST_LEAVING) branches.left(u, t);
    if (how !== outcome.crossed) this.looks = 0;
    return "keep";
  }

  /** A step that was not watched may have ended beyond a switch that was not found within it: then that is here. */
  private takeHere(steps: TakenSteps): void {
    const { branches } = this;
    const [u, t] = [steps.state(steps.count), steps.time(steps.count)];
    const stop = this.stopAt(t);
    if (!this.isUnwatched || !stop) return;
    const margins = branches.marginsAt(u, t);
    const which = [...margins.keys()].filter((k) => margins[k] < 0);
    if (which.length === 0) return;
    if (which.some((k) => branches.isPole(k))) return this.letGo();
    const slope = steps.slope(steps.count - 1);
    this.take({ t, which, outcomes: branches.outcomesAt(u, t), rate: 0, stop, corrections: 0, moved: 0, slope });
  }

  /** Is a switch where the next step begins? */
  get isHere(): boolean {
    const { aim } = this;
    const t = this.code.view.reals[real.t];
    return aim !== undefined && this.direction * (aim.t - t) <= MOVING_STEP * Math.abs(t);
  }

  private lookAt(steps: TakenSteps): void {
    const { integers, reals } = this.code.view;
    // Its dense output is no number where held decisions led to none at its end.
    if (this.branches.isHeld && !steps.slope(steps.count + 1).every(Number.isFinite)) return this.branches.hold(false);
    const start = steps.time(steps.count);
    const found = ++this.looks > MOST_LOOKS ? undefined : locate(steps, this.branches, this.gapAt(start), reals[real.part]);
    if (found === "pole") return this.letGo();
    const stop = found && this.stopAt(found.t);
    if (!stop || this.isReached(found)) integers[integer.unwatched] = 1;
    else this.take({ ...found, stop, corrections: 0, moved: this.movedTo(found), slope: steps.slope(steps.count) });
  }

  /** A step that ends at a switch may be beyond it by roundings, which are not the less the more often it is taken again. */
  private isReached(found: Located): boolean {
    const { aim } = this;
    const by = this.movedTo(found);
    return aim !== undefined && by <= NEAR * Math.abs(found.t) && (by <= ULP * Math.abs(found.t) || by > aim.moved / 2);
  }

  /** How far what was found is from what was aimed at. */
  private movedTo({ t, which }: Located): number {
    const { aim } = this;
    return aim !== undefined && aim.which[0] === which[0] ? Math.abs(t - aim.t) : Infinity;
  }

  /** Undefined where another stop is so near that what switches is seen behind that. */
  private stopAt(t: number): Stop | undefined {
    const { direction, halts } = this;
    const next = halts.next?.end;
    if (next !== undefined && direction * (next - t) <= 2 * this.gapAt(t)) return undefined;
    return { t, end: t, start: t, switches: true, events: 0, turns: true };
  }

  private take(aim: Aim): void {
    this.aim = aim;
    this.halts.aim = aim.stop;
  }

  private correct(aim: Aim, steps: TakenSteps): boolean {
    const { stop, rate, which, corrections, moved } = aim;
    const margin = this.branches.marginsAt(steps.state(steps.count), stop.end)[which[0]];
    const t = stop.end - margin / rate;
    const by = Math.abs(t - aim.t);
    const isDone = corrections === MOST_CORRECTIONS || !(by > ULP * Math.abs(t)) || by > moved / 2;
    if (isDone || !(by < Math.abs(stop.end - steps.time(0)) / 2)) return false;
    const next = this.stopAt(t);
    if (!next) return false;
    this.retake.drop();
    this.code.view.reals[real.stop] = next.end;
    this.take({ ...aim, t, stop: next, corrections: corrections + 1, moved: by });
    return true;
  }

  /** Takes the switch where the integration has come to: its decisions turn. What it returns is to be called once the derivative is known. */
  turn(u: Float64Array, t: number): () => BadSwitch | { readonly jumps: boolean } {
    const { branches, trajectory } = this;
    const { which, outcomes, stop, rate, slope } = this.aim!;
    const before = this.derivativeAt(t);
    const state = u.slice();
    const old = this.slopeBehind(u, t, before);
    this.forget();
    branches.turn(which, outcomes, u, t);
    trajectory.branchModes.push({ t: stop.t, modes: branches.modes(), event: undefined });
    branches.use();
    return () => {
      const after = this.derivativeAt(t);
      // Where two of which one is chosen are the same, what is made of the choice may be that only behind the switch.
      const isMuch = jumpsOf(u, this.request.velocity ? before : slope, this.request, this.code.view.atol);
      const sides = old && !isMuch(before, after) ? [old, this.slopeBehind(u, t, before)!] : [before, after.slice()];
      const behind = u.slice();
      const jumps = isMuch(sides[0], sides[1]) || isMoved(state, behind);
      const { t: time, end, start } = stop;
      trajectory.switches.push({ t: time, end, start, which, jumps, before: sides[0], after: sides[1], state, behind });
      this.sinceJump = jumps ? 0 : this.sinceJump + 1;
      if (!this.recurrence.note(which, stop.t)) {
        if (this.sinceJump < KINKS) return { kind: "endlessEvents", decision: which[0] };
        this.letGo();
      }
      const decision = jumps && branches.hasVelocity ? branches.pushedBack(which, u, t, after, rate) : undefined;
      return decision === undefined ? { jumps } : { kind: "slidingMode", decision };
    };
  }

  /** The derivative of the state where the next step begins, with decisions as they are held now. */
  private derivativeAt(t: number): Float64Array {
    const { state, slope } = this.code.here;
    this.use();
    return this.request.velocity?.(state, t) ?? slope.slice();
  }

  /** The derivative a gap behind a switch as decisions now turn out; undefined where it is not what the right-hand side gives. */
  private slopeBehind(u: Float64Array, t: number, slope: Float64Array): Float64Array | undefined {
    if (!this.branches.hasVelocity) return undefined;
    const { code, direction, trajectory } = this;
    const by = direction * this.gapAt(t);
    this.use();
    trajectory.statistics.rhsCalls++;
    code.there.state.set(u.map((x, i) => x + by * slope[i]));
    code.rhs(code.there.f, code.there.u, code.address.p, t + by);
    return code.there.slope.slice();
  }

  private gapAt(t: number): number {
    const { t0, t1 } = this.request;
    return gapAt(t, t0, t1);
  }

  private velocityAt(t: number): VelocityAt {
    return () => {
      if (!this.branches.hasVelocity) return undefined;
      const { code } = this;
      this.use();
      this.trajectory.statistics.rhsCalls++;
      code.rhs(code.there.f, code.here.u, code.address.p, t);
      return code.there.slope.slice();
    };
  }
}
