/** Tells which files of a project may hold functions that are read: those that import the library, and those that these reach. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

const script = /\.[cm]?[jt]sx?$/;
const typesAlone = /\.d\.[cm]?ts$/;
const importsLibrary = /\b(?:from|import|require)\s*\(?\s*["']odegrad(\/[\w/-]+)?["']/;
/** Of packages and of builds. */
const notOfProject = /^(node_modules|dist|build|out|coverage|\..*)$/;

export class ProjectFiles {
  private readonly reachedIn = new Map<string, ReadonlySet<string>>();

  /** `include`: of packages, too. */
  constructor(private readonly include: readonly RegExp[]) {}

  /** May this file, as bundlers call it, hold such functions? */
  mayHold(id: string): boolean {
    const path = pathOf(id);
    if (id.startsWith("\0") || !script.test(path) || typesAlone.test(path)) return false;
    if (this.isIncluded(path)) return true;
    return !/[\\/]node_modules[\\/]/.test(path) && existsSync(path);
  }

  /** Does it import the library, or is it reached from one that does? */
  isReached(id: string, code: string): boolean {
    const path = pathOf(id);
    if (importsLibrary.test(code) || this.isIncluded(path)) return true;
    const root = rootOf(dirname(path));
    let reached = this.reachedIn.get(root);
    if (!reached) this.reachedIn.set(root, (reached = reachedFrom(root)));
    return reached.has(path);
  }

  private isIncluded(path: string): boolean {
    // `test` of a global pattern goes on from where it was.
    return this.include.some((pattern) => path.search(pattern) >= 0);
  }

  /** Files may have changed. */
  forget(): void {
    this.reachedIn.clear();
  }
}

export function pathOf(id: string): string {
  return resolve(id.replace(/[?#].*$/s, ""));
}

/** The folder of the project that a folder is in. */
function rootOf(folder: string): string {
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(join(at, "package.json"))) return at;
    if (dirname(at) === at) return folder;
  }
}

/** From files that import the library, and from those that import these, which may hand functions on to them. */
function reachedFrom(root: string): ReadonlySet<string> {
  const texts = new Map(scriptsIn(root).map((path) => [path, ifAllowed(() => readFileSync(path, "utf8")) ?? ""]));
  const targets = targetsAmong([...texts.keys()]);
  const imported = new Map([...texts].map(([path, text]) => [path, importsOf(text).flatMap((name) => targets(path, name))]));
  const direct = [...texts].flatMap(([path, text]) => (importsLibrary.test(text) ? [path] : []));
  const callers = [...imported].flatMap(([path, to]) => (to.some((each) => direct.includes(each)) ? [path] : []));
  const reached = new Set([...direct, ...callers]);
  for (const path of reached) imported.get(path)?.forEach((each) => reached.add(each));
  return reached;
}

function scriptsIn(folder: string): string[] {
  return (ifAllowed(() => readdirSync(folder, { withFileTypes: true })) ?? []).flatMap((entry) => {
    if (entry.isDirectory()) return notOfProject.test(entry.name) ? [] : scriptsIn(join(folder, entry.name));
    return entry.isFile() && script.test(entry.name) && !typesAlone.test(entry.name) ? [join(folder, entry.name)] : [];
  });
}

/** What this process may not look into, such as a database's folder, or what is gone meanwhile, is not built either. */
function ifAllowed<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (/^(EACCES|EPERM|ENOENT)$/.test((error as NodeJS.ErrnoException).code ?? "")) return undefined;
    throw error;
  }
}

function importsOf(text: string): string[] {
  return Array.from(text.matchAll(/\b(?:from|import|require)\s*\(?\s*["']([^"'\n]+)["']/g), ([, name]) => name);
}

/**
 * The files that an import may mean. What is no relative path may be an alias, `@/models/drag`, whose meaning only the bundler knows: it is
 * taken for every file whose path ends so.
 */
function targetsAmong(paths: readonly string[]): (from: string, name: string) => string[] {
  const byStem = new Map<string, string[]>();
  const add = (stem: string, path: string): void => void byStem.set(stem, [...(byStem.get(stem) ?? []), path]);
  const byEnd = new Map<string, string[]>();
  for (const path of paths) {
    const stem = path.replace(script, "");
    for (const each of [stem, ...(stem.endsWith("/index") ? [dirname(stem)] : [])]) {
      add(each, path);
      const end = each.slice(each.lastIndexOf("/") + 1);
      byEnd.set(end, [...(byEnd.get(end) ?? []), path]);
    }
  }
  return (from, name) => {
    const stem = name.replace(script, "");
    if (name.startsWith(".")) return byStem.get(resolve(dirname(from), stem)) ?? [];
    const parts = stem.split("/");
    if (parts.length < 2) return [];
    const tail = parts.slice(1).join("/");
    return (byEnd.get(parts.at(-1)!) ?? []).filter((path) =>
      path
        .replace(script, "")
        .replace(/\/index$/, "")
        .endsWith(`/${tail}`),
    );
  };
}
