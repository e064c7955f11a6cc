/** Arrays that gradients reuse, whatever their length and content: where solves are short, allocating takes longer than filling them. */
import { Pool } from "../../../src/core/pool.ts";

/** The largest number of elements of an array that is kept. */
const MOST = 2 ** 16;

export const numberPool = new Pool<Float64Array>({ keeps: ({ length }) => length <= MOST });
