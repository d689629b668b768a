/** As the page writes it for the browser of playwright.config.ts. */
const LOCALE = 'en-GB';

export function writtenDate(instant: string): string {
  return new Intl.DateTimeFormat(LOCALE, { dateStyle: 'long', timeZone: 'Europe/Berlin' }).format(new Date(instant));
}

export function writtenDollars(cents: number): string {
  return new Intl.NumberFormat(LOCALE, { style: 'currency', currency: 'USD' }).format(cents / 100);
}

export function writtenNumber(value: number): string {
  return new Intl.NumberFormat(LOCALE).format(value);
}
