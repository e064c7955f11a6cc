/** Elements of the page. */

type Attributes = Readonly<Record<string, string | number | boolean | ((event: never) => void) | undefined>>;
type Child = Node | string | undefined | false;

/** Attributes by their names; functions listen to the event of their name; `true` is an attribute without a value. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(name, value as EventListener);
    else if (value !== undefined && value !== false) made.setAttribute(name, value === true ? "" : String(value));
  }
  made.append(...children.filter((child) => child !== undefined && child !== false));
  return made;
}

/** That of the page's own markup. */
export function byId<T extends HTMLElement>(id: string): T {
  return document.getElementById(id) as T;
}
