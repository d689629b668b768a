/** The UTC date in which `instant` is: `2026-11-01`. */
export function utcDay(instant: Date): string {
  return instant.toISOString().slice(0, 10);
}
