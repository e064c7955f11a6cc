/** Code whose shape shows only when it runs: programs cannot hold it, a tape or differences can. */
import { scenario } from "../scenario.ts";

const dynamicCode = { dynamic: true } as const;

export const dynamic = [
  scenario({
    name: "recursion",
    u0: [0.4, 0.9],
    p: [1.2],
    traits: dynamicCode,
    rhs(du, u, p) {
      const power = (x: number, k: number): number => (k === 0 ? 1 : k % 2 === 0 ? power(x * x, k / 2) : x * power(x, k - 1));
      du[0] = power(u[0] * p[0], 5);
      du[1] = power(u[1], 3);
    },
  }),
  scenario({
    name: "a growing list",
    u0: [0.4, 0.9],
    p: [1.2],
    traits: dynamicCode,
    rhs(du, u, p) {
      const stack: number[] = [];
      let x = u[1];
      while (x < 4) {
        stack.push(x * u[0]);
        x *= 1.7;
      }
      let sum = 0;
      while (stack.length > 0) sum += p[0] * stack.pop()! ** 2;
      du[0] = sum;
      du[1] = -sum * u[1];
    },
  }),
  scenario({
    name: "a map from names to values",
    u0: [0.4, 0.9],
    p: [1.2],
    traits: dynamicCode,
    rhs(du, u, p) {
      const rates = new Map<string, number>();
      rates.set("gain", p[0] * u[0]);
      rates.set("loss", u[1] ** 2);
      rates.set("gain", rates.get("gain")! * u[1]);
      du[0] = rates.get("gain")! - rates.get("loss")!;
      du[1] = rates.has("leak") ? 0 : rates.get("loss")!;
    },
  }),
  scenario({
    name: "a tree built and walked",
    u0: [0.4, 0.9, -0.6],
    p: [1.2],
    traits: dynamicCode,
    rhs(du, u, p) {
      interface Node {
        value: number;
        children: Node[];
      }
      const root: Node = { value: u[0], children: [] };
      root.children.push({ value: u[1], children: [] }, { value: u[2], children: [] });
      root.children[1].children.push({ value: p[0] * u[0], children: [] });
      const total = (node: Node): number => node.value ** 2 + node.children.reduce((sum, child) => sum + total(child), 0);
      du[0] = total(root);
      du[1] = total(root.children[1]);
      du[2] = -u[2];
    },
  }),
  scenario({
    name: "an exception thrown and caught",
    u0: [0.4, 0.9],
    p: [1.2],
    traits: dynamicCode,
    rhs(du, u, p) {
      let rate = p[0];
      try {
        if (u[0] > 0.2) throw new Error("saturated");
        rate = 0;
      } catch {
        rate *= u[0];
      }
      du[0] = rate * u[1];
      du[1] = -rate;
    },
  }),
  scenario({
    name: "scalar code without text",
    u0: [0.4, 0.9],
    p: [1.2],
    traits: { noText: true },
    rhs: new Proxy((u: number[], p: number[]) => [p[0] * u[1] * u[1], -Math.sin(u[0])], {}),
  }),
];
