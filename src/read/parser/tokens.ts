/** Text to tokens, one at a time: what a slash or a backquote begins is known to the parser alone. */

export type TokenKind = "name" | "private" | "number" | "string" | "punctuator" | "end";

const BLANK = /(?:\s|\/\/.*|\/\*[^]*?\*\/)+/y;
const NUMBER = /0[xX][\da-fA-F_]+n?|0[oO][0-7_]+n?|0[bB][01_]+n?|(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d[\d_]*)?n?/y;
const STRING = /"(?:[^"\\\n\r]|\\(?:\r\n|[^]))*"|'(?:[^'\\\n\r]|\\(?:\r\n|[^]))*'/y;
const ASCII_NAME = /[A-Za-z_$][\w$]*(?![\w$\\\x80-\uffff])/y;
const NAME =
  /(?:[$_\p{ID_Start}]|\\u(?:[\dA-Fa-f]{4}|\{[\dA-Fa-f]+\}))(?:[$\p{ID_Continue}\u200c\u200d]|\\u(?:[\dA-Fa-f]{4}|\{[\dA-Fa-f]+\}))*/uy;
const PUNCTUATOR =
  />>>=|\.\.\.|===|!==|\*\*=|<<=|>>=|>>>|&&=|\|\|=|\?\?=|=>|\?\.(?!\d)|\+\+|--|&&|\|\||\?\?|\*\*|<<|>>|[=!<>+\-*/%&|^]=|[{}()[\];,<>+\-*/%&|^!~?:=.`]/y;
const REGEX = /\/((?:[^/\\[\n\r]|\\.|\[(?:[^\]\\\n\r]|\\.)*\])+)\/([A-Za-z]*)/y;
const QUASI = /(?:[^`\\$]|\\[^]|\$(?!\{))*/y;

export class Tokens {
  /** The present token: a name with its escapes resolved, anything else as it stands. */
  kind: TokenKind = "end";
  value = "";
  start = 0;
  end = 0;
  /** Does it begin a line? */
  isOnNewLine = false;
  /** Where the token before ends. */
  lastEnd = 0;

  constructor(protected readonly text: string) {
    this.next();
  }

  /** Goes on to the next token. */
  next(): void {
    const { text } = this;
    this.lastEnd = this.end;
    const blank = this.match(BLANK, this.end)?.[0] ?? "";
    const start = (this.start = this.end + blank.length);
    this.isOnNewLine = blank !== "" && /[\n\r\u2028\u2029]/.test(blank);
    if (start === text.length) return this.take("end", "");
    const name = this.nameAt(start);
    if (name) return this.take("name", resolved(name), name);
    const number = this.match(NUMBER, start);
    if (number) return this.take("number", number[0]);
    const punctuator = this.match(PUNCTUATOR, start);
    if (punctuator) return this.take("punctuator", punctuator[0]);
    const string = this.match(STRING, start);
    if (string) return this.take("string", string[0]);
    const hidden = text[start] === "#" ? this.nameAt(start + 1) : undefined;
    return hidden ? this.take("private", resolved(hidden), `#${hidden}`) : this.fail();
  }

  /** The token behind the present one, which stays. */
  peek(): { readonly kind: TokenKind; readonly value: string; readonly isOnNewLine: boolean } {
    const { kind, value, start, end, isOnNewLine, lastEnd } = this;
    this.next();
    const found = { kind: this.kind, value: this.value, isOnNewLine: this.isOnNewLine };
    Object.assign(this, { kind, value, start, end, isOnNewLine, lastEnd });
    return found;
  }

  /** The regular expression that begins at the present slash. */
  protected regex(): { readonly pattern: string; readonly flags: string } {
    const [whole, pattern, flags] = this.match(REGEX, this.start) ?? this.fail();
    this.end = this.start + whole.length;
    this.next();
    return { pattern, flags };
  }

  /** A template's text from a place to the next `${`, or to its end. */
  protected quasiAt(from: number): { readonly end: number; readonly isTail: boolean } {
    const end = from + this.match(QUASI, from)![0].length;
    if (end === this.text.length) this.fail();
    return { end, isTail: this.text[end] === "`" };
  }

  is(value: string): boolean {
    return this.value === value && (this.kind === "punctuator" || this.kind === "name");
  }

  eat(value: string): boolean {
    const found = this.is(value);
    if (found) this.next();
    return found;
  }

  expect(value: string): void {
    if (!this.eat(value)) this.fail();
  }

  fail(): never {
    throw new SyntaxError(`unexpected token at ${this.start}`);
  }

  private take(kind: TokenKind, value: string, raw = value): void {
    this.kind = kind;
    this.value = value;
    this.end = this.start + raw.length;
  }

  private nameAt(at: number): string | undefined {
    return (this.match(ASCII_NAME, at) ?? this.match(NAME, at))?.[0];
  }

  private match(pattern: RegExp, at: number): RegExpExecArray | null {
    pattern.lastIndex = at;
    return pattern.exec(this.text);
  }
}

/** A name without escapes. */
function resolved(name: string): string {
  if (!name.includes("\\")) return name;
  return name.replace(/\\u(?:\{([\dA-Fa-f]+)\}|([\dA-Fa-f]{4}))/g, (_, braced?: string, four?: string) =>
    fromCode((braced ?? four)!),
  );
}

const fromCode = (hexadecimal: string): string => String.fromCodePoint(parseInt(hexadecimal, 16));

const LETTERS: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", v: "\v", b: "\b", f: "\f" };

/** What a string's or a template's text stands for. */
export function cooked(raw: string): string {
  if (!raw.includes("\\")) return raw;
  return raw.replace(
    /\\(?:u\{([\dA-Fa-f]+)\}|u([\dA-Fa-f]{4})|x([\dA-Fa-f]{2})|([0-3][0-7]{0,2}|[4-7][0-7]?)|\r\n|([^]))/g,
    (_, braced?: string, four?: string, two?: string, octal?: string, other = "") => {
      const code = braced ?? four ?? two;
      if (code !== undefined) return fromCode(code);
      if (octal !== undefined) return String.fromCharCode(parseInt(octal, 8));
      return /[\n\r\u2028\u2029]/.test(other) ? "" : (LETTERS[other] ?? other);
    },
  );
}
