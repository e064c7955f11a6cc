/** The pages in the order in which they are shown; a test asks that each is there. */

/** As vitepress takes them. */
export interface SidebarItem {
  readonly text: string;
  readonly link: string;
}

export interface SidebarSection {
  readonly text: string;
  readonly collapsed: boolean;
  items: SidebarItem[];
}

const section = (text: string, pages: Readonly<Record<string, string>>): SidebarSection => ({
  text,
  collapsed: false,
  items: Object.entries(pages).map(([title, page]) => ({ text: title, link: `/${page}` })),
});

export const sidebar: SidebarSection[] = [
  section("Tutorials", { "Fitting models to data": "fitting" }),
  section("Guide", {
    "Which method": "defaults",
    "Right-hand sides in parts": "parts",
    Switches: "switching",
    "The command line": "command-line",
    "What works with what": "matrix",
  }),
  section("What works with what", {
    Backends: "matrix/backends",
    Adjoints: "matrix/methods",
    "Second derivatives": "matrix/second-derivatives",
    "Constructs of JavaScript": "matrix/constructs",
  }),
  section("How it works inside", {
    Overview: "design/README",
    "Intermediate representation": "design/intermediate-representation",
    "Reverse mode": "design/reverse-mode",
    "The step loop": "design/step-loop",
    Memory: "design/memory",
  }),
];

/** Modules alone: with a link to each of their members on every page, the site would be ten times as large. */
export const reference: SidebarItem[] = ["odegrad", "odegrad/training", "odegrad/plot", "odegrad/worker", "odegrad/problems"].map(
  (name) => ({ text: name, link: `/api/${name}/` }),
);
