/** The playground in headless Chromium. */
import { afterAll, afterEach, beforeAll, describe, expect } from "vitest";
import type { Page } from "../browser/devtools.ts";
import { browserTest } from "../browser/chromium.ts";
import { playgroundSite, type Site } from "./site.ts";

let site: Site;
// The site is built, which a busy machine takes its time for.
beforeAll(async () => {
  site = await playgroundSite();
}, 120_000);
afterAll(() => site.close());
const pages: Page[] = [];
afterEach(async () => {
  for (const page of pages.splice(0)) await page.close();
});

/** x' = -k x. */
const decay = (rhs = "du.x = -p.k * u.x;", before = ""): string => `import { odeProblem } from "odegrad";
${before}
export default odeProblem({
  name: "decay",
  rhs(du, u, p) {
    ${rhs}
  },
  u0: { x: 1 },
  tspan: [0, 2],
  p: { k: 1 },
});
`;
/** Of what stands in the right-hand side. */
const LINE = 6;

const status = (): string => `document.getElementById("status").textContent`;
const SOLVED = `${status()}.includes(" steps, ") && !document.querySelector(".stale")`;
const faults = `document.getElementById("faults").innerText`;
const field = (i: number): string => `document.getElementById("p-${i}").parentElement.querySelector("[type=number]")`;
const valueBeside = (name: string): string =>
  `Number([...document.querySelectorAll('[aria-label="Solution"] .legend button')].find((one) => one.innerText.startsWith("${name}")).querySelector("output").value)`;

async function opened(fragment = ""): Promise<Page> {
  const page = await site.browser.open(site.url + fragment);
  pages.push(page);
  await page.wait(SOLVED);
  return page;
}

/** Selects all that is in the editor, and types in its place. */
async function write(page: Page, text: string): Promise<void> {
  await page.evaluate(`document.querySelector(".cm-content").focus()`);
  await page.press("a", 2);
  await page.type(text);
}

/** A long text is pasted. */
async function paste(page: Page, text: string): Promise<void> {
  await page.evaluate(`document.querySelector(".cm-content").focus()`);
  await page.press("a", 2);
  await page.evaluate(`(() => {
    const clipboardData = new DataTransfer();
    clipboardData.setData("text/plain", ${JSON.stringify(text)});
    document.activeElement.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
  })()`);
}

async function solved(page: Page, name = "x"): Promise<void> {
  await page.wait(`${SOLVED} && document.querySelector('[aria-label="Solution"] .legend').innerText.startsWith("${name}")`);
}

async function pasted(page: Page, csv: string): Promise<void> {
  await page.evaluate(`(() => {
    const area = document.querySelector("textarea");
    area.value = ${JSON.stringify(csv)};
    area.dispatchEvent(new Event("input"));
  })()`);
}

browserTest("solves the first model, and asks for nothing but its own files", async () => {
  const page = await opened();
  expect(page.errors).toEqual([]);
  expect(page.requests.filter((url) => !url.startsWith(site.url) && !url.startsWith("blob:"))).toEqual([]);
  expect(page.requests.filter((url) => url.startsWith(site.url)).length).toBeGreaterThan(3);
});

browserTest("every model solves, without a warning", async () => {
  const page = await opened();
  const names = await page.evaluate<string[]>(`[...document.getElementById("models").options].map(({ value }) => value)`);
  expect(names.length).toBeGreaterThan(7);
  for (const name of names.slice(0, -1)) {
    await page.evaluate(`(() => {
      document.getElementById("status").textContent = "";
      const models = document.getElementById("models");
      models.value = ${JSON.stringify(name)};
      models.dispatchEvent(new Event("change"));
    })()`);
    await page.wait(SOLVED);
    expect(await page.evaluate(`document.getElementById("faults").hidden`), `${name}: ${await page.evaluate(faults)}`).toBe(true);
  }
});

browserTest("types a model, and drags a parameter", async () => {
  const page = await opened();
  await write(page, decay());
  await solved(page);
  expect(await page.evaluate(valueBeside("x"))).toBeCloseTo(Math.exp(-2), 4);
  await page.drag("#p-0", 40, 8);
  const k = await page.evaluate<number>(`Number(${field(0)}.value)`);
  expect(k).toBeGreaterThan(1);
  await page.wait(`Math.abs(${valueBeside("x")} - Math.exp(-2 * ${k})) < 1e-4`);
  expect(await page.evaluate(`document.querySelector('[aria-label="Sensitivities"] output').value`)).toBe(
    String(Number((-2 * Math.exp(-2 * k)).toPrecision(4))),
  );
  expect(page.errors).toEqual([]);
});

browserTest("takes models in TypeScript, whose functions capture what is around them", async () => {
  const page = await opened();
  const before = `const rate: number = 2;\nconst speed = (k: number): number => -rate * k;`;
  await write(page, decay("du.x = speed(p.k) * u.x; // twice", before));
  await solved(page);
  expect(await page.evaluate(valueBeside("x"))).toBeCloseTo(Math.exp(-4), 4);
  expect(await page.evaluate(faults)).toBe("");
  await write(page, decay("du.x = speed(p.q) * u.x; // twice", before));
  await page.wait(`${faults}.startsWith("UnknownProperty")`);
  expect(await page.evaluate(faults)).toContain("line 7");
});

browserTest("fits pasted data", async () => {
  const page = await opened();
  await write(page, decay());
  await solved(page);
  const rows = Array.from({ length: 12 }, (_, i) => `${i / 6},${Math.exp((-1.3 * i) / 6) + 0.001 * Math.sin(7 * i)}`);
  await pasted(page, `t,x\n${rows.join("\n")}\n`);
  await page.wait(`document.querySelector("#panel-0 .primary").disabled === false`);
  await page.click("#panel-0 .primary");
  await page.wait(`document.querySelector("#panel-0 tbody")`);
  expect(await page.evaluate(`document.querySelector("#panel-0").innerText`)).toMatch(
    /k\s+1\.[23]\d*\s+± 0\.00.*Converged: 12 observations/s,
  );
  expect(await page.evaluate<number>(`Number(${field(0)}.value)`)).toBeCloseTo(1.3, 2);
});

browserTest("a long fit goes on beside the page, and ends where it is stopped or something else changes", async () => {
  const page = await opened();
  const rows = Array.from({ length: 100_000 }, (_, i) => `${i / 5000},${1 + Math.sin(i)},${2 + Math.cos(i)}`);
  const stopped = `document.getElementById("stop").hidden`;
  const fits = async (): Promise<void> => {
    await page.wait(`document.querySelector("#panel-0 .primary").disabled === false && ${stopped}`);
    await page.click("#panel-0 .primary");
    await page.wait(`!${stopped}`);
  };
  await pasted(page, `t,prey,predator\n${rows.join("\n")}\n`);
  await page.wait(`document.querySelector("#panel-0").innerText.includes("100000 rows")`);
  await fits();
  await page.click("#stop");
  await page.wait(`${status()} === "stopped" && ${stopped}`);
  await fits();
  await page.drag("#p-1", 30, 3);
  const dragged = await page.evaluate<number>(`Number(${field(1)}.value)`);
  await solved(page, "prey");
  await page.wait(stopped);
  expect(await page.evaluate(`Number(${field(1)}.value)`)).toBe(dragged);
  await fits();
  await write(page, decay());
  await solved(page);
  expect(await page.evaluate(faults)).toBe("");
  expect(page.errors).toEqual([]);
});

browserTest("says of data what it cannot fit", async () => {
  const page = await opened();
  await pasted(page, "t,prey\n0,many\n");
  await page.wait(`document.querySelector("#panel-0").innerText.includes('BadData: fromCsv: row 2, column "prey"')`);
  await pasted(page, "t,fox\n0,1\n");
  await page.wait(`document.querySelector("#panel-0").innerText.includes('The model has no "fox"')`);
  expect(await page.evaluate(`document.querySelector("#panel-0 .primary").disabled`)).toBe(true);
});

describe("says what is wrong with a model, at its line:", () => {
  const wrong: Readonly<Record<string, readonly [text: string, name: string, line?: number]>> = {
    "what is no JavaScript": [decay("du.x = -p.k * ;"), "SyntaxError", LINE],
    "a component that is not there": [decay("du.x = -p.k * u.y;"), "UnknownProperty", LINE],
    "a parameter that is not there": [decay("du.x = -p.rate * u.x;"), "UnknownProperty", LINE],
    "a name that is not there": [decay(undefined, "const wrong = missing + 1;"), "ReferenceError", 2],
    "an unknown key": [decay().replace("tspan", "span"), "UnknownOption", 3],
    "an import of something else": [decay(undefined, `import lodash from "lodash";`), "UnknownImport", 2],
    "an import that the library has not": [decay(undefined, `import { sovle } from "odegrad";`), "SyntaxError", 2],
    "no model": ["export const nothing = 1;", "NoModel"],
    "a loop that never ends": [decay("while (true) {}"), "EndlessLoop", LINE],
    "a loop that never ends for some states": [
      decay("let k = u.x; while (k > 0) { k = k * 1.01; } du.x = k;"),
      "EndlessLoop",
      LINE,
    ],
    "a loop that never ends outside of functions": [decay(undefined, "for (;;) {}"), "ModelStopped", 2],
    "a loop that never ends in a function that cannot be read": [
      decay("const list = {}; for (const key of [1]) list[`a${key}`] = 1; while (list.a1 > 0) {} du.x = 1;"),
      "ModelStopped",
      LINE,
    ],
    "a fetch in the right-hand side": [decay(`fetch("OUTSIDE/" + u.x); du.x = 1;`), "NetworkRefused", LINE],
    "a fetch that is caught": [decay(undefined, `try { await fetch("OUTSIDE/"); } catch {}`), "NetworkRefused", 2],
    "a fetch around what refuses it": [
      decay(undefined, `try { await WorkerGlobalScope.prototype.fetch.call(self, "OUTSIDE/"); } catch {}`),
      "NetworkRefused",
    ],
    "a module from elsewhere": [decay(undefined, `try { await import("OUTSIDE/a.js"); } catch {}`), "NetworkRefused"],
    "a socket": [decay(undefined, `new WebSocket("OUTSIDE/");`), "NetworkRefused", 2],
  };
  for (const [what, [text, name, line]] of Object.entries(wrong)) {
    browserTest(what, async () => {
      const page = await opened();
      await write(page, text.replaceAll("OUTSIDE", site.outside.url));
      await page.wait(`${faults}.startsWith(${JSON.stringify(name)})`);
      if (line !== undefined) expect(await page.evaluate(faults)).toContain(`line ${line}`);
      if (line !== undefined) expect(await page.evaluate(faults)).not.toMatch(/column/);
      if (line !== undefined) await page.wait(`document.querySelector(".cm-lintRange-error, .cm-lintPoint-error")`);
      expect(await page.evaluate(`Boolean(document.querySelector(".stale"))`)).toBe(true);
      // The page is alive, and so is what runs models.
      await write(page, decay());
      await solved(page);
      expect(await page.evaluate(`document.getElementById("faults").hidden`)).toBe(true);
      expect(site.outside.requests).toEqual([]);
    });
  }
});

describe("links", () => {
  const linked = async (): Promise<string> => {
    const page = await opened();
    await write(page, decay());
    await solved(page);
    await pasted(page, "t,x\n0,1\n1,0.3\n2,0.1\n");
    await page.drag("#p-0", 30, 3);
    await page.wait(`document.querySelector("#panel-0").innerText.includes("3 rows")`);
    const before = await page.evaluate<string>(`location.hash`);
    await page.wait(`location.hash.length > 10 && location.hash !== ${JSON.stringify(before)}`);
    await page.wait(SOLVED);
    await new Promise((resolve) => setTimeout(resolve, 1000));
    return page.evaluate<string>(`location.hash`);
  };

  browserTest("hold the model, its values and the data", async () => {
    const fragment = await linked();
    const page = await opened(fragment);
    await solved(page);
    expect(await page.evaluate(`document.querySelector(".cm-content").innerText`)).toContain("du.x = -p.k * u.x;");
    const k = await page.evaluate<number>(`Number(${field(0)}.value)`);
    expect(k).toBeGreaterThan(1);
    expect(await page.evaluate(valueBeside("x"))).toBeCloseTo(Math.exp(-2 * k), 3);
    expect(await page.evaluate(`document.querySelector("textarea").value`)).toBe("t,x\n0,1\n1,0.3\n2,0.1\n");
    expect(await page.evaluate(`document.getElementById("notice").hidden`)).toBe(true);
  });

  browserTest("that are cut off or changed say so, and the page begins anew", async () => {
    const fragment = await linked();
    const middle = fragment.length >> 1;
    const other = fragment[middle] === "A" ? "B" : "A";
    const { gzipSync } = await import("node:zlib");
    const bomb = gzipSync(Buffer.alloc(3e7)).toString("base64url");
    const broken = {
      "was cut off: it holds": fragment.slice(0, -20),
      "was changed on its way": fragment.slice(0, middle) + other + fragment.slice(middle + 1),
      "is of version 9": fragment.replace("#1", "#9"),
      "is not one that this page makes": "#something",
    };
    const all = [...Object.entries(broken), ["What it holds cannot be unpacked", `#1.${bomb.length}.${bomb}`]];
    for (const [said, one] of all) {
      const page = await opened(one);
      expect(await page.evaluate(`document.getElementById("notice").innerText`)).toMatch(
        new RegExp(`^BrokenLink: .*${said}`, "i"),
      );
      expect(page.errors).toEqual([]);
    }
  });
});

describe("what is large", () => {
  browserTest("a CSV of 10 MB is read, and one of more refused by name", async () => {
    const page = await opened();
    const drop = (rows: number): Promise<void> =>
      page.evaluate(`(() => {
        const rows = Array.from({ length: ${rows} }, (_, i) => (i / ${rows} * 20).toFixed(6) + "," + (1 + Math.sin(i)).toFixed(6) + "," + (2 + Math.cos(i)).toFixed(6));
        const transfer = new DataTransfer();
        transfer.items.add(new File(["t,prey,predator\\n" + rows.join("\\n")], "big.csv"));
        dispatchEvent(new DragEvent("drop", { dataTransfer: transfer }));
      })()`);
    await drop(370_000);
    await page.wait(`document.querySelector("#panel-0").innerText.includes("370000 rows: prey, predator.")`);
    await page.wait(SOLVED);
    await drop(500_000);
    await page.wait(`document.querySelector("#panel-0").innerText.includes("TooLong: The file has")`);
    expect(page.errors).toEqual([]);
  });

  browserTest("a model of 10,000 lines is solved, and one of two million characters refused by name", async () => {
    const page = await opened();
    const lines = Array.from({ length: 10_000 }, (_, i) => `const a${i} = ${i === 0 ? "u.x" : `a${i - 1}`} * 0.9999;`);
    await paste(page, decay(`${lines.join("\n")}\ndu.x = -p.k * a9999;`));
    await solved(page);
    const rate = 0.9999 ** 10_000;
    expect(await page.evaluate(valueBeside("x"))).toBeCloseTo(Math.exp(-2 * rate), 3);
    await paste(page, decay("du.x = -u.x;", `// ${"long ".repeat(400_001)}`));
    await page.wait(`${faults}.startsWith("TooLong")`);
  });
});

browserTest("tells the plan, and compares solvers", async () => {
  const page = await opened();
  await page.click("#tab-1");
  await page.wait(
    `document.querySelector("#panel-1").innerText.includes("adjoint discrete") || document.querySelector("#panel-1").innerText.includes("adjoint dual")`,
  );
  expect(await page.evaluate(`document.querySelector("#panel-1").innerText`)).toContain("the square of prey at the end");
  await page.press("ArrowRight");
  expect(await page.evaluate(`document.activeElement.innerText`)).toBe("Solvers");
  await page.click("#panel-2 .primary");
  await page.wait(`document.querySelector("#panel-2").innerText.includes("against dop853")`);
  const rows = await page.evaluate<string[][]>(
    `[...document.querySelectorAll("#panel-2 tbody tr")].map((row) => [...row.cells].map(({ innerText }) => innerText))`,
  );
  expect(rows.map(([solver]) => solver)).toContain("radauIIA5");
  for (const [solver, , steps, , , error] of rows) {
    expect(Number(steps), solver).toBeGreaterThan(10);
    expect(Number(error), solver).toBeLessThan(1e-2);
  }
});

browserTest("goes by keys, and every control has a name", async () => {
  const page = await opened();
  await page.evaluate(`document.getElementById("p-0").focus()`);
  const before = await page.evaluate<number>(`Number(${field(0)}.value)`);
  await page.press("ArrowRight");
  await page.wait(`Number(${field(0)}.value) > ${before}`);
  const dark = `getComputedStyle(document.body).backgroundColor`;
  const light = await page.evaluate<string>(dark);
  await page.evaluate(`document.getElementById("theme").focus()`);
  await page.press("Enter");
  expect(await page.evaluate(dark)).not.toBe(light);
  await page.wait(`document.querySelector("canvas").getAttribute("aria-label")?.includes("prey from 1 to")`);
  const { nodes } = await page.send<{ nodes: { role?: { value: string }; name?: { value: string }; ignored: boolean }[] }>(
    "Accessibility.getFullAXTree",
  );
  const controls = nodes.filter(
    ({ role, ignored }) =>
      !ignored && /^(button|slider|combobox|textbox|image|tab|checkbox|spinbutton|Canvas)$/.test(role?.value ?? ""),
  );
  expect(controls.length).toBeGreaterThan(20);
  expect(controls.filter(({ name }) => !name?.value).map(({ role }) => role?.value)).toEqual([]);
});
