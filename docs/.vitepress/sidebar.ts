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
  section("Tutorials", {
    "Start here": "start",
    "Fitting models to data": "fitting",
    "A stiff network": "tutorials/stiff-network",
    "A partial differential equation": "tutorials/pde",
    "A neural ODE": "tutorials/neural-ode",
    "A thousand trajectories": "tutorials/batches",
    "Coming from SciPy, SciML, diffrax, R, MATLAB": "coming-from",
  }),
  section("Models", {
    "How to write a right-hand side": "right-hand-side",
    Events: "events",
    Switches: "switching",
    "Algebraic equations": "algebraic",
    "Steady states": "steady-states",
    "Right-hand sides in parts": "parts",
    "Networks in right-hand sides": "networks",
  }),
  section("Solves and gradients", {
    "Which solver": "which-solver",
    "What is chosen by default": "defaults",
    Gradients: "gradients",
    "Which adjoint, which backend": "which-adjoint",
    Ensembles: "ensembles",
    "Batches, and GPUs": "batches",
    Performance: "performance",
    "The mathematics": "mathematics",
  }),
  section("Where it runs", {
    "In the browser": "browser",
    "Bundlers and test runners": "bundlers",
    "The command line": "command-line",
    Clusters: "cluster",
    "Examples and notebooks": "examples",
  }),
  section("What works with what", {
    Overview: "matrix",
    "Constructs of JavaScript": "matrix/constructs",
    Backends: "matrix/backends",
    Adjoints: "matrix/methods",
    "Second derivatives": "matrix/second-derivatives",
    Errors: "errors",
    Limits: "limits",
  }),
  section("How it works inside", {
    Overview: "design/README",
    "Intermediate representation": "design/intermediate-representation",
    "Reverse mode": "design/reverse-mode",
    "The step loop": "design/step-loop",
    Memory: "design/memory",
    "What a page loads": "design/page-size",
    "Four additions, step by step": "design/extending",
  }),
];

/** Modules alone: with a link to each of their members on every page, the site would be ten times as large. */
export const reference: SidebarItem[] = [
  "odegrad",
  "odegrad/training",
  "odegrad/plot",
  "odegrad/worker",
  "odegrad/cluster",
  "odegrad/problems",
].map((name) => ({ text: name, link: `/api/${name}/` }));
