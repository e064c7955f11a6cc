/** Kernels as compute pipelines, made once for a device. */
import { memo } from "../../core/memo.ts";
import { ShaderFailed } from "../errors.ts";
import type { Kernel } from "../kernel.ts";
import { emitWgsl, type Shader } from "../../compile/wgsl/emit.ts";
import type { ShaderNumbers } from "../../compile/wgsl/numbers.ts";

export interface Pipeline {
  readonly shader: Shader;
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
}

/** Of the buffers that shaders declare, whether one uses all of them or not; the last is that of lists. */
const BINDINGS = (["storage", "read-only-storage", "uniform", "read-only-storage"] as const).map((type, binding) => ({
  binding,
  // GPUShaderStage.COMPUTE, which does not exist before the package is loaded.
  visibility: 4,
  buffer: { type },
}));

/** `listed`: does it run over a list of trajectories? Throws {@link ShaderFailed} where the driver does not take the shader. */
export const pipelineOf = memo(build, { by: (device, { program }, numbers, listed) => [device, program, numbers, listed] });

async function build(device: GPUDevice, { program, shared }: Kernel, numbers: ShaderNumbers, listed: boolean): Promise<Pipeline> {
  const shader = emitWgsl(program, shared, { numbers, listed });
  device.pushErrorScope("validation");
  const module = device.createShaderModule({ code: shader.source, label: program.name });
  const { messages } = await module.getCompilationInfo();
  await device.popErrorScope();
  const fault = messages.find(({ type }) => type === "error");
  if (fault) throw new ShaderFailed(program.name, fault.message, shader.lines[fault.lineNum]);
  const layout = device.createBindGroupLayout({ entries: listed ? BINDINGS : BINDINGS.slice(0, 3) });
  try {
    const pipeline = await device.createComputePipelineAsync({
      label: program.name,
      layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
      compute: { module, entryPoint: "main" },
    });
    return { shader, pipeline, layout };
  } catch (cause) {
    throw new ShaderFailed(program.name, (cause as Error).message, undefined, { cause });
  }
}
