/** The rows of a CSV file (RFC 4180), whose text comes in parts: what is held is one part, and a row that goes on in the next. */
import { dsvFormat } from "d3-dsv";
import { describe } from "../../src/core/array-values.ts";
import { BadData } from "./errors.ts";

/** Text of a CSV file: whole, or in parts as a stream of a file or the body of a response gives it. */
export type CsvText = string | Iterable<string> | AsyncIterable<string>;

/** What returns nothing is not kept by the parser. */
type OnRow = (fields: readonly string[]) => undefined;

/** Of a file with a header of one column, too. */
const DEFAULT_SEPARATOR = ",";
/** Before commas: they are within names ("u[0,1]") and numbers, where what separates is another sign. */
const SEPARATORS = ["\t", ";"];

const NEWLINE = "\n".charCodeAt(0);
const RETURN = "\r".charCodeAt(0);
const QUOTE = '"'.charCodeAt(0);

/** Hands over the fields of each row, blank ones too. Throws {@link BadData}. */
export async function eachRow(text: CsvText, separator: string | undefined, onRow: OnRow): Promise<void> {
  let rows: Rows | undefined;
  for await (const part of withWholeHeader(partsOf(text))) {
    rows ??= new Rows(separator ?? separatorOf(part), onRow);
    rows.take(part);
  }
  rows?.end();
}

async function* partsOf(text: CsvText): AsyncIterable<string> {
  const isIterable = typeof text === "object" && text !== null && (Symbol.asyncIterator in text || Symbol.iterator in text);
  if (typeof text !== "string" && !isIterable) {
    throw new BadData(`fromCsv: it is given ${describe(text)}, but takes text, or what gives text in parts.`);
  }
  for await (const part of typeof text === "string" ? [text] : text) {
    if (typeof part !== "string") {
      throw new BadData(
        `fromCsv: a part of the text is ${describe(part)}. Decode it first: createReadStream(path, "utf8"), or ` +
          "body.pipeThrough(new TextDecoderStream()).",
      );
    }
    yield part;
  }
}

/** The parts, the first of which has all of the header, and no mark of byte order before it. */
async function* withWholeHeader(parts: AsyncIterable<string>): AsyncIterable<string> {
  let start = "";
  let isWhole = false;
  for await (const part of parts) {
    if (isWhole) yield part;
    else {
      start = (start + part).replace(/^\ufeff/, "");
      isWhole = hasHeader(start);
      if (isWhole) yield start;
    }
  }
  if (!isWhole) yield start;
}

/** What is outside of quotes. */
function unquoted(text: string): string {
  return text.replaceAll(/"[^"]*"/g, "");
}

function hasHeader(text: string): boolean {
  const outside = unquoted(text);
  return outside.includes("\n") && !outside.slice(0, outside.indexOf("\n")).includes('"');
}

function separatorOf(text: string): string {
  const [header] = unquoted(text).split(/[\r\n]/, 1);
  return SEPARATORS.find((sign) => header.includes(sign)) ?? DEFAULT_SEPARATOR;
}

class Rows {
  private readonly parse: (text: string) => unknown;
  private readonly separator: number;
  /** The row that goes on. */
  private rest = "";
  /** Where the text so far ends. Quotes open at the start of a field only, and two of them within quotes are one that closes none. */
  private where: "start" | "field" | "quotes" | "closed" = "start";

  constructor(separator: string, onRow: OnRow) {
    const { parseRows } = dsvFormat(separator);
    this.parse = (text) => parseRows(text, onRow);
    this.separator = separator.charCodeAt(0);
  }

  take(part: string): void {
    let end = 0;
    for (let i = 0; i < part.length; i++) {
      const sign = part.charCodeAt(i);
      if (sign === QUOTE) {
        if (this.where !== "field") this.where = this.where === "quotes" ? "closed" : "quotes";
      } else if (this.where !== "quotes") {
        this.where = sign === this.separator || sign === NEWLINE || sign === RETURN ? "start" : "field";
        if (sign === NEWLINE) end = i + 1;
      }
    }
    if (end === 0) {
      this.rest += part;
      return;
    }
    this.parse(this.rest + part.slice(0, end));
    this.rest = part.slice(end);
  }

  end(): void {
    if (this.where === "quotes") {
      const [line] = this.rest.slice(0, LONGEST).split(/[\r\n]/, 1);
      throw new BadData(`fromCsv: quotes are opened, but never closed, in the row that begins with ${JSON.stringify(line)}.`);
    }
    this.parse(this.rest);
  }
}

/** Of what a message repeats. */
const LONGEST = 60;
