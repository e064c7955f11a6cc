import { outcomes } from "./outcomes.ts";

console.log(JSON.stringify(outcomes()));
