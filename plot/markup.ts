/** What XML knows no writing for, not even an escaped one: most control characters, halves of pairs, and two that are none. */
// oxlint-disable-next-line no-control-regex
const UNWRITABLE = /[\0-\x08\v\f\x0e-\x1f\ud800-\udfff\ufffe\uffff]/gu;

/** Text as it stands within markup, in elements and in attributes of either quotes; what cannot be written is a replacement character. */
export function escapeMarkup(text: string): string {
  return text
    .replace(UNWRITABLE, "\ufffd")
    .replace(/[&<>"'\t\n\r\x7f-\x9f\u2028\u2029]/gu, (character) => `&#${character.charCodeAt(0)};`);
}
