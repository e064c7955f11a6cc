import { describe, expect, test } from "vitest";
import {
  CapturedVariable,
  IndexOutOfRange,
  NoSourceText,
  ReadBeforeWrite,
  RecursiveFunction,
  UnknownProperty,
  UnreadableConstruct,
  UnwrittenOutput,
  WriteToInput,
} from "../../../src/read/syntax/errors.ts";
import { type ReadError, ShapeMismatch } from "../../../src/core/errors.ts";
import { differentiable, gradient, odeProblem, solve } from "../../../index.ts";
import { add, matmul } from "../../../src/operations/plain-operations.ts";
import { withoutInspector } from "../../without-inspector.ts";
import { readRightHandSide, type AnyFunction, type Setting } from "../harness.ts";

/** Parameters of the functions under test are whatever the setting says. */
type Any = ReturnType<typeof JSON.parse>;

function failure(fn: AnyFunction, setting?: Setting): ReadError {
  try {
    readRightHandSide(fn, setting);
  } catch (error) {
    return error as ReadError;
  }
  throw new Error("was read");
}

const body = (text: string): AnyFunction => new Function("du", "u", "p", "t", "c", text) as AnyFunction;

test("the message shows the line with a caret and says what to do", () => {
  const text = "(du, u, p) => {\n  du[0] = u[0];\n  du[1] = gamma * u[1];\n}";
  const error = failure(new Function(`return ${text}`)() as AnyFunction);
  expect(error).toBeInstanceOf(CapturedVariable);
  expect(error).toMatchObject({ line: 3, column: 10, construct: "gamma", code: "  du[1] = gamma * u[1];" });
  expect(error.message).toBe(
    [
      "rhs, line 3, column 11: `gamma` comes from outside the function, and a function's text does not tell its value.",
      "  3 |   du[1] = gamma * u[1];",
      "                ^",
      "Pass it in `constants`: constants: { gamma }, and take it from the function's last argument; or let the build plugin hand it " +
        "over, odegrad/unplugin. Node shows it by its inspector, where it has one.",
    ].join("\n"),
  );
});

test("the column of a method's text is its own", () => {
  const { rhs } = {
    rhs(du: Any) {
      du[0] = delta;
    },
  } as Any;
  const error = failure(rhs);
  expect(error.code!.slice(error.column)).toMatch(/^delta/);
});
declare const delta: number;

withoutInspector();

test("a function among the constants is not told to take its last argument", () => {
  const twice = (x: number): number => 2 * x;
  const line =
    (ys: number[]) =>
    (x: number): number =>
      ys[0] + x * ys[1];
  const calling = (du: Any, u: Any, _p: Any, _t: Any, c: Any): void => void (du[0] = c.f(u[0]));
  const caught = (du: Any, u: Any, _p: Any, _t: Any, c: Any): void => {
    try {
      du[0] = c.f(u[0]);
    } finally {
    }
  };
  for (const [name, f] of [
    ["twice", (x: number): number => twice(x)],
    ["ys", line([1, 2])],
  ] as const) {
    const error = failure(calling, { constants: { f } });
    expect(error).toBeInstanceOf(CapturedVariable);
    const remedy = `\`constants\`, whose methods find it by \`this\`: this.${name}.`;
    expect(error.message).toContain(`f, line 1, column`);
    expect(error.message).toContain(remedy);
    const problem = odeProblem({ u0: [1], tspan: [0, 1], rhs: caught, constants: { f } });
    expect(() => gradient(problem, { loss: { final: (u) => u[0] }, wrt: ["u0"] })).toThrow(remedy);
  }
  const methods = {
    twice,
    f(x: number): number {
      return this.twice(x);
    },
  };
  const problem = odeProblem({ u0: [1], tspan: [0, 1], rhs: calling, constants: methods });
  expect(solve(problem).u.at(-1)![0]).toBeCloseTo(Math.exp(2), 3);
});

test("a private field is said to be one", () => {
  class Reaction {
    #energy = 2;
    rate(x: number): number {
      return this.#energy * x;
    }
  }
  const error = failure((du: Any, u: Any, _p: Any, _t: Any, c: Any) => void (du[0] = c.r.rate(u[0])), {
    constants: { r: new Reaction() },
  });
  expect(error).toBeInstanceOf(NoSourceText);
  expect(error.message).toMatch(/^rate: It uses `#energy`, a private field of its class, .*\n.*_energy.*vjp: "finite"\.$/);
});

describe("constructs", () => {
  test.each<[string, string]>([
    ["const f=function(){return this.x};du[0]=f()", "`this`"],
    ["du[0]=new Date()", "Date"],
    ["const A=class{};new A()", "A class"],
    ["const f=x=>x;du[0]=new f(1)", "new"],
    ["du[0]=Date.now()", "Date"],
    ["console.log(1)", "console"],
    ["try{du[0]=1}catch{}", "`try`"],
    ["throw 1", "`throw`"],
    ["du[0]=String.raw`a`.length", "A tagged template"],
    ["du[0]=/a/.test('a')", "regular expression"],
    ["du[0]=1n", "bigint"],
    ["delete p.x", "delete"],
    ["du[0]=p instanceof Array", "instanceof"],
    ["class A{}", "A class"],
    ["du[0]=Math.random()", "Math.random"],
    ["const a=[];a.push(1)", "push"],
    ["du[0]=u+1", "operand"],
    ["du[0]=new Array(u[0])[0]", "array length"],
    ["let f;f(1)", "call"],
    ["x=1;du[0]=x", "assignment"],
    ["async function f(){}f()", "async"],
    ["const f=function*(){};f()", "generator"],
    ["du[0]='a'*2", "operand"],
    ["let o={a:1};if(u[0]>0)o=[1,2];du[0]=o.a", "varying variable"],
    ["debugger", "`debugger`"],
  ])("%s", (text, construct) => {
    const error = failure(body(text));
    expect(error).toBeInstanceOf(UnreadableConstruct);
    expect(error.construct).toBe(construct);
    expect(error.remedy).not.toBe("");
    expect(error.code).toContain(error.code!.trim());
  });
  test("async functions, generators, classes, accessors", () => {
    expect(failure(async (du: Any) => du).construct).toBe("async");
    expect(failure(function* () {} as never).construct).toBe("generator");
    expect(failure(class A {} as never).construct).toBe("class");
    const getter = Object.getOwnPropertyDescriptor(
      {
        get rhs() {
          return 1;
        },
      },
      "rhs",
    )!.get!;
    expect(failure(getter).construct).toBe("accessor");
  });
});

test("no text", () => {
  const bound = ((du: Any) => void (du[0] = 1)).bind(null);
  expect(failure(bound)).toBeInstanceOf(NoSourceText);
  expect(failure(Math.sin as never)).toBeInstanceOf(NoSourceText);
  const error = failure(body("du[0]=c.f(1)"), { constants: { f: bound } });
  expect(error).toBeInstanceOf(UnreadableConstruct);
  expect(error.line).toBeDefined();
});

test("captured variables, also of helpers", () => {
  const hidden = 3;
  const helper = (x: number): number => x * hidden;
  const error = failure((du: Any, _u: Any, _p: Any, _t: Any, { f }: Any) => void (du[0] = f(1)), { constants: { f: helper } });
  expect(error).toBeInstanceOf(CapturedVariable);
  expect(error.message).toContain("hidden");
  expect(error.message).toMatch(/^f, line 1/);
  expect(failure(body("du[0]=net.forward(u)")).construct).toBe("net.forward");
});

test("recursion is named", () => {
  const error = failure(body("const fib=n=>n<2?n:fib(n-1)+fib(n-2);du[0]=fib(5)"));
  expect(error).toBeInstanceOf(RecursiveFunction);
  expect(error.construct).toBe("fib");
  expect(failure(body("function even(n){return odd(n-1)}function odd(n){return even(n-1)}du[0]=even(4)"))).toBeInstanceOf(
    RecursiveFunction,
  );
});

test("functions made by one text are others: one may call another", () => {
  type F = (x: number) => number;
  const twice = (f: F): F => differentiable((x: number, c: { f: F }) => c.f(c.f(x)), { constants: { f } });
  const four = twice(twice((x) => 3 * x));
  expect(() => readRightHandSide(body("du.fill(c.four(u[0]))"), { constants: { four } })).not.toThrow();
});

test("unknown properties list the known ones", () => {
  const state = { prey: 1, predator: 2 };
  const wrong = failure(body("du.prey=u.pray"), { u: state });
  expect(wrong).toBeInstanceOf(UnknownProperty);
  expect(wrong.message).toContain("It has: prey, predator.");
  expect(failure(body("du.pray=1"), { u: state })).toBeInstanceOf(UnknownProperty);
  expect(failure(body("return {prey:1,predator:2,x:3}"), { u: state })).toBeInstanceOf(UnknownProperty);
  expect(failure(body("return {prey:1}"), { u: state })).toBeInstanceOf(UnknownProperty);
  expect(failure(body("du[0]=Math.cosine(1)")).message).toContain("cosine");
});

test("inputs are not written", () => {
  expect(failure(body("u[0]=1"))).toBeInstanceOf(WriteToInput);
  expect(failure(body("p.fill(0)"))).toBeInstanceOf(WriteToInput);
  expect(failure(body("u.x+=1"), { u: { x: 1 } })).toBeInstanceOf(WriteToInput);
  expect(failure(body("c.k=1"), { constants: { k: 2 } })).toBeInstanceOf(UnreadableConstruct);
});

test("outputs and work buffers are not read before they are written", () => {
  expect(failure(body("du[0]+=1"))).toBeInstanceOf(ReadBeforeWrite);
  expect(failure(body("du[0]=1;du[1]=du[2]"))).toBeInstanceOf(ReadBeforeWrite);
  expect(failure(body("for(let i=0;i<4;i++)du[i]=du[i]+1"))).toBeInstanceOf(ReadBeforeWrite);
  const work = { constants: { work: new Float64Array(4) } };
  expect(failure(body("for(let i=0;i<4;i++){du[i]=c.work[i];c.work[i]=u[i]}"), work)).toBeInstanceOf(ReadBeforeWrite);
  expect(failure(body("c.work[0]=1;du[0]=c.work[1]"), work)).toBeInstanceOf(ReadBeforeWrite);
});

test("outputs are written", () => {
  expect(failure(body("du[0]=1;du[1]=2;du[3]=4"))).toBeInstanceOf(UnwrittenOutput);
  expect(failure(body("du.a=1"), { u: { a: 1, b: 2 } }).construct).toBe("du.b");
});

test("indices known to be outside", () => {
  const error = failure(body("du[0]=u[4]"));
  expect(error).toBeInstanceOf(IndexOutOfRange);
  expect(error.message).toContain("Index 4 is outside `u`, which has 4 elements");
  expect(failure(body("for(let i=4;i<9;i++)du[0]=u[i]"))).toBeInstanceOf(IndexOutOfRange);
});

test("shapes", () => {
  expect(() => readRightHandSide((u: Any) => add(u, [1, 2]))).toThrow(ShapeMismatch);
  expect(() => readRightHandSide((u: Any) => matmul([1, 2], u))).toThrow(ShapeMismatch);
  expect(failure((() => [1, 2]) as never).message).toContain("shape [2]");
});
