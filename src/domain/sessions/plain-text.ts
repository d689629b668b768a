// XML 1.0 (section 2.2), PostgreSQL's text and terminals each refuse some of these; no recording contains any.
const UNPRINTABLE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\ufffe\uffff]|\p{Surrogate}/gu;

const LINE_BREAKS_AND_SPACES = /[\s\u0085]+/gu;

/** The text without control characters and halves of characters, which no database row and no document can carry. */
export function plainText(text: string): string {
  return text.replace(UNPRINTABLE, '');
}

/** The text on one line: in line-based formats a line break inside a text would be taken for the format's own. */
export function oneLine(text: string): string {
  return plainText(text).replace(LINE_BREAKS_AND_SPACES, ' ').trim();
}
