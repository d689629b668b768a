import type { Locale } from '../shared/locale';
import { CREDITS } from './credits.words';
import { METERS } from './meters.words';
import type { Reason } from './refusals-reckoning';
import { REFUSALS } from './refusals.words';

/** What was compared, one fact after another. */
export function reasonFacts(reason: Reason, locale: Locale): readonly string[] {
  const [words, meters, credits] = [locale.words(REFUSALS), locale.words(METERS), locale.words(CREDITS)];
  const number = (value: number): string => locale.number(value, 4);
  const counted = (what: string, { used, limit }: { readonly used: number; readonly limit: number }): string =>
    words.fact(what, meters.of(number(used), number(limit)));
  const held = (value: number): readonly string[] => (value > 0 ? [meters.held(number(value))] : []);
  switch (reason.is) {
    case 'sessions':
    case 'transcriptions':
      return [counted(meters[reason.is], reason)];
    case 'devices':
      return [counted(words.devices, reason)];
    case 'concurrent':
      return [words.fact(meters.running, meters.runningOf(number(reason.used), number(reason.limit)))];
    case 'minutes': {
      const needed = reason.requested > 0 ? [words.needs(locale.unit(reason.requested, 'minute'))] : [];
      return [...needed, counted(meters.minutes, reason), ...held(reason.held)];
    }
    case 'fileSize':
      return [words.fileSize(`${number(reason.size)} MB`, `${number(reason.limit)} MB`)];
    case 'credit': {
      const needed = words.needs(credits.credits(number(reason.required)));
      return [needed, words.fact(credits.balance, number(reason.balance)), ...held(reason.held)];
    }
    case 'budget': {
      const { left, isOwn } = reason;
      const budget = isOwn ? words.ownBudget : words.allBudget;
      const rest = left === null ? words.tooLittle : locale.dollars(left);
      return [words.needs(locale.dollars(reason.required)), words.fact(budget, rest)];
    }
    case 'format':
      return [words.format(reason.format.toUpperCase(), reason.allowed.map((one) => one.toUpperCase()).join(', '))];
  }
}
