/** How the value of a cell shows itself in a Jupyter notebook, as Deno's kernel asks them to. */

/** The method that the kernel calls on the value of a cell: https://docs.deno.com/runtime/reference/cli/jupyter/ */
export const jupyterDisplay: unique symbol = /* @__PURE__ */ Symbol.for("Jupyter.display");

/** The same thing in several forms, by MIME type; the notebook shows the richest that it can. */
export type MimeBundle = Readonly<Record<string, string>>;
