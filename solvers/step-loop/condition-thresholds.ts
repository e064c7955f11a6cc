/** Where conditions are looked at along a step, and what is small of them: the same in single solves and in kernels. */

/** Where conditions are looked at within a step: at the ends of even parts, and so near its own that a dip that begins or ends there shows. */
export const PARTS = [2 ** -10, ...Array.from({ length: 7 }, (_, k) => (k + 1) / 8), 1 - 2 ** -10];
/** Parts of a step after which a condition that was just met is looked at besides: it may be met again soon. */
export const SOON = Array.from({ length: 11 }, (_, k) => 16 ** (k - 11));
/** Of the lowest sample: a dip that falls by less comes nowhere near zero. */
export const DEEP = 1 / 2;
/** A last sample below this part of the one before is as good as zero. */
export const END = 2 ** -20;
/** Relative to the time, what it is located to: crossings no farther apart are at once. */
export const AT_ONCE = 2 ** -49;
/** Of a step: the distance over which a slope is taken. */
export const SLOPE = 2 ** -20;
/** Of its value a little before: one that is larger where it is met is where the condition jumps. */
export const JUMP = 2 ** -8;
/** Values that a condition may still have after it was met, over that where it was met; and over what rounding of the state makes of it. */
export const RESIDUAL = 2;
export const ROUNDING = 16 * 2 ** -52;
/** A condition falls towards zero along a step that ends where another one is met, where it does so by so many times its rounding. */
export const FALLS = 8;
/** Directions in which the state is moved by its rounding, to see what that makes of a condition. */
export const DIRECTIONS = 4;
/** Of the span: the first and the last time over which derivatives are followed to see where a condition goes, and how they grow. */
export const FOLLOWED = { first: 2 ** -50, last: 1, growth: 4 };
