/** What of a task runs by itself, because it cannot be read or was misread, in words. */
import { runsByItself } from "../src/misreading.ts";
import { executionOf } from "../solvers/problem-system.ts";
import { unreadEvent } from "./events.ts";
import type { UnplannedTask } from "./methods/method.ts";

export function ranByItself({ code, loss, problem }: UnplannedTask): string[] {
  const { warning } = executionOf(code);
  const event = problem.events && unreadEvent(code);
  const parts = [loss.sum?.unread, loss.integral?.unread, loss.final?.unread, event];
  return [...(warning ? [warning] : []), ...parts.flatMap((error) => (error ? [runsByItself(error)] : []))];
}
