/** The array operations as functions: plainly callable, and read as operations within right-hand sides and losses. */
import { convolutions } from "./convolutions.ts";
import { binaryOperations, unaryOperations } from "./elementwise.ts";
import { interpolation } from "./interpolate.ts";
import { linearSolving } from "./linear-solve.ts";
import { products } from "./products.ts";
import { reductions } from "./reductions.ts";
import { rolling } from "./roll.ts";
import { structure } from "./structure.ts";

export const add = binaryOperations.add.plain;
export const sub = binaryOperations.sub.plain;
export const mul = binaryOperations.mul.plain;
export const div = binaryOperations.div.plain;
export const pow = binaryOperations.pow.plain;

export const neg = unaryOperations.neg.plain;
export const abs = unaryOperations.abs.plain;
export const sqrt = unaryOperations.sqrt.plain;
export const exp = unaryOperations.exp.plain;
export const log = unaryOperations.log.plain;
export const sin = unaryOperations.sin.plain;
export const cos = unaryOperations.cos.plain;
export const tanh = unaryOperations.tanh.plain;
export const sigmoid = unaryOperations.sigmoid.plain;
export const relu = unaryOperations.relu.plain;
export const softplus = unaryOperations.softplus.plain;

export const sum = reductions.sum.plain;
export const dot = products.dot.plain;
export const matmul = products.matmul.plain;
export const outer = products.outer.plain;
export const conv1d = convolutions.conv1d.plain;
export const conv2d = convolutions.conv2d.plain;
export const interpolate = interpolation.interpolate.plain;
export const linearSolve = linearSolving.linearSolve.plain;

export const transpose = structure.transpose.plain;
export const slice = structure.slice.plain;
export const reshape = structure.reshape.plain;
export const concat = structure.concat.plain;
export const roll = rolling.roll.plain;
