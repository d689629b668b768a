/** For `ilike`: whatever has this part in it, letter by letter. Null for everything. */
export function patternOf(part: string | null): string | null {
  return part === null ? null : `%${part.replace(/[\\%_]/g, (special) => `\\${special}`)}%`;
}
