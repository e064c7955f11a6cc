/** Tabs, by pointer and by arrow keys. */
import { element } from "./element.ts";

/** Builds one of each name in `parent`, and gives what they hold; `onOpen` is told which one is seen. */
export function tabsIn<const Names extends readonly string[]>(
  parent: HTMLElement,
  names: Names,
  onOpen: (name: Names[number]) => void,
): Readonly<Record<Names[number], HTMLElement>> {
  const panels = names.map((_, i) =>
    element("div", { role: "tabpanel", id: `panel-${i}`, "aria-labelledby": `tab-${i}`, hidden: i > 0 }),
  );
  const open = (chosen: number): void => {
    panels.forEach((panel, i) => (panel.hidden = i !== chosen));
    tabs.forEach((tab, i) => {
      tab.setAttribute("aria-selected", String(i === chosen));
      tab.tabIndex = i === chosen ? 0 : -1;
    });
    onOpen(names[chosen]);
  };
  const move = (i: number, { key }: KeyboardEvent): void => {
    const step = key === "ArrowRight" ? 1 : key === "ArrowLeft" ? -1 : 0;
    if (step === 0) return;
    const next = (i + step + names.length) % names.length;
    open(next);
    tabs[next].focus();
  };
  const tabs = names.map((name, i) =>
    element(
      "button",
      {
        type: "button",
        role: "tab",
        id: `tab-${i}`,
        "aria-controls": `panel-${i}`,
        "aria-selected": i === 0 ? "true" : "false",
        tabindex: i === 0 ? 0 : -1,
        click: () => open(i),
        keydown: (event: KeyboardEvent) => move(i, event),
      },
      name,
    ),
  );
  parent.append(element("div", { role: "tablist" }, ...tabs), ...panels);
  return Object.fromEntries(names.map((name, i) => [name, panels[i]])) as unknown as Record<Names[number], HTMLElement>;
}
