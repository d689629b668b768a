import { createContext } from 'preact';
import { useContext } from 'preact/hooks';

export const LANGUAGES = ['en', 'de', 'zh-Hant'] as const;
export type Language = (typeof LANGUAGES)[number];

/** Words that a page loads for the one language that is spoken, by their name. */
export interface LoadedWords<T> {
  readonly loaded: string;
  /** Never there: it carries the type. */
  readonly of?: T;
}

/** Micro-dollars of one US dollar, and of one credit. */
const MICROS_PER_UNIT = 1_000_000;

/**
 * Numbers, money and instants as a reader of one language writes them, by Intl alone. Instants are shown in the reader's
 * own time zone, which is named.
 */
export class Locale {
  private readonly formats = new Map<string, unknown>();

  constructor(
    readonly language: Language,
    readonly dir: 'ltr' | 'rtl',
    /** IANA name, such as Europe/Berlin. */
    readonly zone: string,
    /** What was loaded for this language. */
    private readonly loaded: object = {},
    /** How numbers and days are written: `en-GB` and `en-US` differ in that alone. */
    private readonly region: string = language,
  ) {}

  words<T>(words: LoadedWords<T>): T {
    return (this.loaded as Readonly<Record<string, T>>)[words.loaded]!;
  }

  number(value: number, digits = 0): string {
    return this.numbers({ maximumFractionDigits: digits }).format(value);
  }

  /** With its sign, as an entry of a ledger has it. */
  signed(value: number, digits = 0): string {
    return this.numbers({ maximumFractionDigits: digits, signDisplay: 'exceptZero' }).format(value);
  }

  /** Such as "30 days" or "12 minutes", in the plural that the language has for it. */
  unit(value: number, unit: 'day' | 'minute'): string {
    return this.numbers({ style: 'unit', unit, unitDisplay: 'long' }).format(value);
  }

  /** Such as "in 12 days". */
  inDays(days: number): string {
    return new Intl.RelativeTimeFormat(this.region).format(days, 'day');
  }

  percent(value: number): string {
    return this.numbers({ style: 'percent', maximumFractionDigits: 0 }).format(value / 100);
  }

  /** From the currency's minor unit: 1000 of USD is 10.00, of JPY 1000, of KWD 1.000 (ISO 4217). */
  money(minor: number, currency: string): string {
    const format = this.numbers({ style: 'currency', currency: currency.toUpperCase() });
    const digits = format.resolvedOptions().maximumFractionDigits ?? 2;
    return format.format(minor / 10 ** digits);
  }

  /** Micro-dollars, to the cent, and finer where a cent would be nothing. */
  dollars(micros: number): string {
    const usd = micros / MICROS_PER_UNIT;
    const small = usd !== 0 && Math.abs(usd) < 0.01;
    return this.numbers({
      style: 'currency',
      currency: 'USD',
      maximumFractionDigits: small ? 6 : 2,
    }).format(usd);
  }

  /** Such as "3 December 2026". */
  date(instant: string): string {
    return this.instant(instant, { dateStyle: 'long' });
  }

  /** Such as "3 Dec". */
  day(instant: string): string {
    return this.instant(instant, { day: 'numeric', month: 'short' });
  }

  /** With time and the name of the zone. */
  moment(instant: string): string {
    return this.instant(instant, {
      day: 'numeric',
      month: 'short',
      year: 'numeric',
      hour: '2-digit',
      minute: '2-digit',
      timeZoneName: 'short',
    });
  }

  /** The same moment in UTC, which limits are counted in. */
  utc(instant: string): string {
    return this.dates({
      dateStyle: 'medium',
      timeStyle: 'short',
      timeZone: 'UTC',
    })
      .format(new Date(instant))
      .concat(' UTC');
  }

  /** A day of a report, which is a UTC day: `2026-11-04`. */
  utcDay(date: string): string {
    return this.dates({ day: 'numeric', month: 'short', timeZone: 'UTC' }).format(new Date(date));
  }

  /** A month of a report: "Nov 2026". */
  utcMonth(date: string): string {
    return this.dates({ month: 'short', year: 'numeric', timeZone: 'UTC' }).format(new Date(date));
  }

  range(start: string, end: string): string {
    return this.dates({ dateStyle: 'medium', timeZone: this.zone }).formatRange(new Date(start), new Date(end));
  }

  list(items: readonly string[]): string {
    return new Intl.ListFormat(this.region, { type: 'conjunction' }).format(items);
  }

  private instant(instant: string, options: Intl.DateTimeFormatOptions): string {
    return this.dates({ ...options, timeZone: this.zone }).format(new Date(instant));
  }

  private numbers(options: Intl.NumberFormatOptions): Intl.NumberFormat {
    return this.kept(options, () => new Intl.NumberFormat(this.region, options));
  }

  private dates(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
    return this.kept(options, () => new Intl.DateTimeFormat(this.region, options));
  }

  /** Making a format costs a hundred times what using it does, and a page writes hundreds of numbers and days. */
  private kept<Format>(options: object, make: () => Format): Format {
    const key = JSON.stringify(options);
    if (!this.formats.has(key)) this.formats.set(key, make());
    return this.formats.get(key) as Format;
  }
}

/** The first of the wishes that is spoken; English when none is. Chinese of any script is answered in Traditional. */
export function languageOf(wishes: readonly string[], spoken: readonly Language[] = LANGUAGES): Language {
  for (const wish of wishes) {
    const found = spoken.find((one) => one.slice(0, 2) === wish.slice(0, 2).toLowerCase());
    if (found) return found;
  }
  return 'en';
}

export const LocaleContext = createContext(new Locale('en', 'ltr', 'UTC'));

export function useLocale(): Locale {
  return useContext(LocaleContext);
}
