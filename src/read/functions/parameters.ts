/** Gives a function its parameters in the user's shape: named components, each a storage in one flat array of the program. */
import { Storage } from "../state/storage.ts";
import type { Reader } from "../state/reader.ts";
import { UNDEFINED, type Item, type RecordItem } from "../state/items.ts";
import type { Builder } from "../../ir/builder.ts";
import { ownLayout, type Layout } from "../../arrays/layout.ts";
import { fail, type Site } from "../state/site.ts";
import { componentAt } from "../values/properties.ts";
import type { ArrayDeclaration } from "../../ir/ir.ts";
import { UnwrittenOutput } from "../syntax/errors.ts";

/** The components of a parameter, as storages in its one flat array. */
export class Leaves implements Pick<RecordItem, "leaf"> {
  private readonly storages = new Map<object, Storage>();
  private readonly array: ArrayDeclaration;

  constructor(
    r: Reader,
    name: string,
    layout: Layout,
    private readonly role: "input" | "output" | "inout",
  ) {
    this.array = role === "inout" ? copied(r.builder, name, layout.size) : r.builder.arrayParameter(name, layout.size, role);
    this.add(name, layout);
  }

  readonly leaf = (layout: object): Storage => this.storages.get(layout)!;

  private add(name: string, given: Layout): void {
    const layout = ownLayout(given);
    if (layout.kind === "struct") for (const [key, field] of Object.entries(layout.fields)) this.add(`${name}.${key}`, field);
    else this.storages.set(layout, new Storage(name, this.role, layout.size, "Float64Array", this.array));
  }

  item(at: Site, layout: Layout): Item {
    return ownLayout(layout).kind === "scalar" && this.role === "output" ? UNDEFINED : componentAt(at, this, layout);
  }

  checkWritten(at: Site): void {
    for (const storage of this.storages.values()) {
      if (!storage.neverWritten) continue;
      fail(at, UnwrittenOutput, {
        construct: storage.name,
        what: `\`${storage.name}\` is not assigned, or not all of it`,
        remedy: "Assign every component on every path: one that does not change has the derivative 0.",
      });
    }
  }
}

/** The output that starts as a copy of the input. */
function copied(b: Builder, name: string, size: number): ArrayDeclaration {
  const after = b.arrayParameter(`${name}_after`, size, "output");
  const before = b.arrayParameter(name, size, "input");
  b.for(b.i32(0), b.i32(size), 1, [], (i) => (b.store(after, i, b.load(before, i)), []));
  return after;
}
