/** Makes slots for items of a form, which is what an item looks like apart from its numbers. */
import { sameShape } from "../../arrays/shape.ts";
import { copyArray, newArray } from "./arrays.ts";
import { keepAlike } from "../state/elements.ts";
import { isScalar, type Item } from "../state/items.ts";
import type { Cell } from "../state/cells.ts";
import { zeroOf } from "../state/numbers.ts";
import type { Site } from "../state/site.ts";
import type { Form } from "../state/loop-plans.ts";

export function formOf(item: Item): Form | undefined {
  if (isScalar(item)) return { kind: "scalar", type: item.type };
  if (item.kind === "array")
    return { kind: "array", shape: item.shape, container: item.container, element: item.storage.element };
  if (item.kind === "object") {
    const fields = [...item.fields].map(([name, cell]) => [name, formOf(cell.item)] as const);
    return fields.every((field): field is readonly [string, Form] => field[1] !== undefined)
      ? { kind: "object", fields: new Map(fields) }
      : undefined;
  }
  if (item.kind === "list") {
    const elements = item.elements.map((cell) => formOf(cell.item));
    return elements.every((element) => element !== undefined) ? { kind: "list", elements } : undefined;
  }
  return undefined;
}

/** A slot of this form; its scalars are 0 or false. */
export function allocate(at: Site, form: Form, name: string): Item {
  const { builder, journal } = at.r;
  switch (form.kind) {
    case "scalar":
      return zeroOf(builder, form.type);
    case "array":
      return newArray(at, form.shape, form.container, form.element, name);
    case "object":
      return journal.object(
        new Map(
          [...form.fields].map(([key, field]) => [key, journal.cell(`${name}.${key}`, allocate(at, field, `${name}.${key}`))]),
        ),
      );
    case "list":
      return {
        kind: "list",
        elements: form.elements.map((element, i) => journal.cell(`${name}[${i}]`, allocate(at, element, `${name}[${i}]`))),
      };
  }
}

/** The scalar cells of a slot. */
export function scalarCells(slot: Item): Cell[] {
  if (isScalar(slot)) return [];
  const cells = slot.kind === "object" ? [...slot.fields.values()] : slot.kind === "list" ? slot.elements : [];
  return cells.flatMap((cell) => (isScalar(cell.item) ? [cell] : scalarCells(cell.item)));
}

/** The memory and the cells that an item consists of. */
export function partsOf(item: Item): object[] {
  if (isScalar(item)) return [];
  if (item.kind === "array") return [item.storage];
  const cells = item.kind === "object" ? [...item.fields.values()] : item.kind === "list" ? item.elements : [];
  return cells.flatMap((cell) => [cell, ...partsOf(cell.item)]);
}

/** Does an item have the form of the slot? */
export function fits(slot: Item, item: Item): boolean {
  if (isScalar(slot)) return isScalar(item);
  if (isScalar(item) || slot.kind !== item.kind) return false;
  if (slot.kind === "array" && item.kind === "array")
    return sameShape(slot.shape, item.shape) && keepAlike(slot.storage.element, item.storage.element);
  if (slot.kind === "object" && item.kind === "object") {
    return (
      slot.fields.size === item.fields.size &&
      [...slot.fields].every(([key, cell]) => item.fields.has(key) && fits(cell.item, item.fields.get(key)!.item))
    );
  }
  if (slot.kind === "list" && item.kind === "list") {
    return (
      slot.elements.length === item.elements.length && slot.elements.every((cell, i) => fits(cell.item, item.elements[i].item))
    );
  }
  return false;
}

/** Copies an item that fits into a slot. */
export function assignInto(at: Site, slot: Item, item: Item): void {
  at.r.sharing.copying(() => copyInto(at, slot, item));
}

function copyInto(at: Site, slot: Item, item: Item): void {
  if (isScalar(slot) || isScalar(item) || slot === item) return;
  if (slot.kind === "array" && item.kind === "array") copyArray(at, slot, item);
  else if (slot.kind === "object" && item.kind === "object") {
    for (const [key, cell] of slot.fields) assignCell(at, cell, item.fields.get(key)!.item);
  } else if (slot.kind === "list" && item.kind === "list") {
    slot.elements.forEach((cell, i) => assignCell(at, cell, item.elements[i].item));
  }
}

function assignCell(at: Site, cell: Cell, item: Item): void {
  if (isScalar(cell.item)) at.r.journal.write(cell, item);
  else copyInto(at, cell.item, item);
}
