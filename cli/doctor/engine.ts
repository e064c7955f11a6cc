/** The JavaScript engine, and what its WebAssembly can. */
import { cpus } from "node:os";
import type { Finding } from "./finding.ts";

export function engineFindings(): Finding[] {
  const processors = cpus();
  return [
    { name: "Node", value: process.version },
    { name: "V8", value: process.versions.v8 },
    { name: "platform", value: `${process.platform} ${process.arch}` },
    { name: "processor", value: `${processors.length} × ${processors[0]?.model ?? "unknown"}` },
  ];
}

/** Each by a module, in hexadecimal digits, that is valid only where the engine has it (https://webassembly.org/features). */
const features: readonly { readonly name: string; readonly module: string; readonly without: string }[] = [
  {
    name: "SIMD",
    // (module (func (result v128) (f64x2.splat (f64.const 1))))
    module: "0061736d010000000105016000017b030201000a0f010d0044000000000000f03ffd140b",
    without: "compiled code and batches need it: update Node",
  },
  {
    name: "relaxed SIMD",
    // (module (func (param v128) (result v128) (f64x2.relaxed_madd (local.get 0) (local.get 0) (local.get 0))))
    module: "0061736d0100000001060160017b017b030201000a0d010b00200020002000fd87020b",
    without: "nothing needs it; engines have it from V8 11.4 on, some behind a flag",
  },
  {
    name: "threads and shared memory",
    // (module (memory 1 1 shared) (func (result i32) (i32.atomic.load (i32.const 0))))
    module: "0061736d010000000105016000017f030201000504010301010a0a0108004100fe1002000b",
    without: "nothing needs them: compiled code runs on one thread",
  },
];

export function wasmFindings(): Finding[] {
  return features.map(({ name, module, without }): Finding => {
    const found = WebAssembly.validate(Buffer.from(module, "hex"));
    return { name, value: found ? "yes" : "no", ...(found ? {} : { remedy: without }) };
  });
}
