/** Tells what is wrong with a written function, by a smaller one. */
import { complaint } from "./complaint.ts";
import { constants, functionOf, points } from "./judge.ts";
import { guarded, shrink } from "./shrink.ts";
import { parameters, type Form } from "./writer.ts";

/** The function made small, where it is still wrong in the same manner. */
export async function told(form: Form, style: string, body: string, seed: number, wrong: string): Promise<string> {
  const manner = (text: string): string => text.split(":")[0].replace(/\d+/g, "");
  const small = await shrink(body, async (candidate) => {
    if (!runs(form, candidate)) return false;
    const found = await complaint(form, candidate, seed);
    return found !== undefined && manner(found) === manner(wrong);
  });
  return `write(${seed}, "${form}", ${style}): ${await complaint(form, small, seed)}\n(${parameters[form].join(", ")}) => {\n${small}\n}`;
}

/** Does it end, plainly, without throwing? */
export function runs(form: Form, body: string): boolean {
  try {
    const fn = functionOf({ form, body: guarded(body) });
    for (const { u, p, t } of points) fn(...(form === "rhs" ? [new Float64Array(3)] : []), u.slice(), p.slice(), t, constants());
    return true;
  } catch {
    return false;
  }
}
