/** Numbers of the processor, f64, as the GPU has them, and back. */
import { BadBatch } from "../errors.ts";

/** What else can be done about numbers that the user may not have given. */
const ORIGINS: Readonly<Record<string, string>> = {
  u0: ", or make it 0",
  atol: ", or give atol (by default it is rtol times the initial state)",
};

/**
 * One word each: rounded to f32. Two: what that leaves is the second one. Throws {@link BadBatch} where the first would be an infinity, or 0 of
 * what is not 0.
 */
export function toWords(name: string, data: Float64Array, words: 1 | 2): Float32Array<ArrayBuffer> {
  const singles = new Float32Array(data);
  const wrong = singles.findIndex((x, i) => (x === 0 ? data[i] !== 0 : !Number.isFinite(x) && Number.isFinite(data[i])));
  if (wrong >= 0) {
    const size = singles[wrong] === 0 ? "small" : "large";
    throw new BadBatch(
      `${name} has the number ${data[wrong]}, which is too ${size} for the f32 of a GPU: it would be ${singles[wrong]}. ` +
        `Scale it${ORIGINS[name] ?? ""}, or use device: "cpu".`,
    );
  }
  if (words === 1) return singles;
  const pairs = new Float32Array(2 * data.length);
  singles.forEach((x, i) => {
    pairs[2 * i] = x;
    pairs[2 * i + 1] = Number.isFinite(x) ? data[i] - x : 0;
  });
  return pairs;
}

/** Rows of so many numbers, one after the other, to the interleaved layout. */
export function interleaved(rows: Float32Array<ArrayBuffer>, size: number, words: 1 | 2): Float32Array<ArrayBuffer> {
  if (size === 1) return rows;
  const count = rows.length / (size * words);
  const gathered = new Float32Array(rows.length);
  for (let m = 0; m < count; m++) {
    for (let i = 0; i < size; i++) {
      const [to, from] = [words * (i * count + m), words * (m * size + i)];
      for (let w = 0; w < words; w++) gathered[to + w] = rows[from + w];
    }
  }
  return gathered;
}

/** From the interleaved layout to rows. */
export function intoRows(rows: Float64Array, words: Float32Array, size: number, wordsOfEach: 1 | 2): void {
  const count = rows.length / size;
  const at = (k: number): number => (wordsOfEach === 1 ? words[k] : words[2 * k] + words[2 * k + 1]);
  for (let m = 0; m < count; m++) for (let i = 0; i < size; i++) rows[m * size + i] = at(i * count + m);
}
