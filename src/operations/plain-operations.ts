/** The array operations as functions: plainly callable, and read as operations within right-hand sides and losses. */
import { operationTable } from "./index.ts";

export const add = operationTable.add.plain;
export const sub = operationTable.sub.plain;
export const mul = operationTable.mul.plain;
export const div = operationTable.div.plain;
export const pow = operationTable.pow.plain;

export const neg = operationTable.neg.plain;
export const abs = operationTable.abs.plain;
export const sqrt = operationTable.sqrt.plain;
export const exp = operationTable.exp.plain;
export const log = operationTable.log.plain;
export const sin = operationTable.sin.plain;
export const cos = operationTable.cos.plain;
export const tanh = operationTable.tanh.plain;
export const sigmoid = operationTable.sigmoid.plain;
export const relu = operationTable.relu.plain;
export const softplus = operationTable.softplus.plain;

export const sum = operationTable.sum.plain;
export const dot = operationTable.dot.plain;
export const matmul = operationTable.matmul.plain;
export const outer = operationTable.outer.plain;
export const conv1d = operationTable.conv1d.plain;
export const conv2d = operationTable.conv2d.plain;
export const interpolate = operationTable.interpolate.plain;
export const linearSolve = operationTable.linearSolve.plain;

export const transpose = operationTable.transpose.plain;
export const slice = operationTable.slice.plain;
export const reshape = operationTable.reshape.plain;
export const concat = operationTable.concat.plain;
export const roll = operationTable.roll.plain;
