import { outcomes } from "./outcomes.ts";
// @ts-expect-error -- Of the other tests in the browser; it is beside this one when the page is built.
import { report } from "./report.js";

await report(() => outcomes(0, 2));
