/** Runs the page's work and posts what came of it, or how it failed, to the server. */
export async function report(work) {
  const violations = [];
  addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) => {
    violations.push(`${violatedDirective} ${blockedURI}`);
  });
  const post = (body) => fetch("/report", { method: "POST", body: JSON.stringify({ ...body, violations }) });
  try {
    await post({ result: await work() });
  } catch (error) {
    await post({ error: `${error.stack ?? error}` });
  }
}
