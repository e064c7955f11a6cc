/**
 * The trajectories that a kernel has not finished, listed on the GPU: after each run of the kernel those that are left move together, and the
 * next run is dispatched over as many, without the processor between them. What comes back is one number.
 */
import { memo } from "../../core/memo.ts";
import { LISTED, WORKGROUP } from "../../compile/wgsl/emit.ts";

/** Bytes of a list before its members: workgroups to dispatch (three numbers), how many members, and the number of a loop that did not end. */
export const HEAD = 32;
export const head = { groups: 0, count: 3, met: 4 } as const;

/** Its members begin in the order of their numbers; where invocations meet they part in whatever order they come, each to its own memory. */
const SHADER = `
${LISTED}
struct Next { groups: atomic<u32>, one: atomic<u32>, other: atomic<u32>, count: atomic<u32>, met: atomic<u32>, a: u32, b: u32, c: u32, members: array<u32> }
struct Place { pending: u32, met: u32, words: u32, isMet: u32 }
@group(0) @binding(0) var<storage, read> own: array<f32>;
@group(0) @binding(1) var<storage, read> list: List;
@group(0) @binding(2) var<storage, read_write> next: Next;
@group(0) @binding(3) var<uniform> place: Place;
var<workgroup> here: atomic<u32>;
var<workgroup> base: u32;
@compute @workgroup_size(${WORKGROUP})
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(local_invocation_index) local: u32) {
  var isLeft = false;
  var member = 0u;
  var rank = 0u;
  if (id.x < list.count) {
    member = list.members[id.x];
    isLeft = own[place.pending + member * place.words] != 0.0;
    if (place.isMet != 0u) { atomicMax(&next.met, u32(own[place.met + member * place.words])); }
  }
  if (isLeft) { rank = atomicAdd(&here, 1u); }
  workgroupBarrier();
  if (local == 0u) {
    let count = atomicLoad(&here);
    base = atomicAdd(&next.count, count);
    atomicMax(&next.groups, (base + count + ${WORKGROUP - 1}u) / ${WORKGROUP}u);
    atomicMax(&next.one, 1u);
    atomicMax(&next.other, 1u);
  }
  workgroupBarrier();
  if (isLeft) { next.members[base + rank] = member; }
}
`;

export const sieveOf = memo((device: GPUDevice): Promise<GPUComputePipeline> =>
  device.createComputePipelineAsync({
    label: "unfinished",
    layout: "auto",
    compute: { module: device.createShaderModule({ code: SHADER, label: "unfinished" }), entryPoint: "main" },
  }),
);

/** Of all trajectories, the head included. */
export function everyone(count: number): Uint32Array<ArrayBuffer> {
  const list = new Uint32Array(HEAD / 4 + count);
  list.set([Math.ceil(count / WORKGROUP), 1, 1, count]);
  for (let m = 0; m < count; m++) list[HEAD / 4 + m] = m;
  return list;
}
