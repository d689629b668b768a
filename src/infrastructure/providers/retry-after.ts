const LONGEST_WAIT_SECONDS = 24 * 60 * 60;

/**
 * Seconds to wait by a Retry-After header (RFC 9110, section 10.2.3: seconds, or a date), at most a day; null when
 * there is none that can be read.
 */
export function retryAfterSeconds(header: string | undefined, now: Date): number | null {
  if (header === undefined) return null;
  const seconds = /^\s*\d+\s*$/.test(header) ? Number(header) : secondsUntil(header, now);
  return Number.isNaN(seconds) ? null : Math.min(Math.max(Math.ceil(seconds), 0), LONGEST_WAIT_SECONDS);
}

/** NaN unless it reads as an HTTP date, which begins with the day of the week; Date.parse alone takes `-5` for a month. */
function secondsUntil(date: string, now: Date): number {
  return /^\s*[A-Za-z]/.test(date) ? (Date.parse(date) - now.getTime()) / 1000 : NaN;
}
