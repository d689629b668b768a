import type { LimitChangeResponse } from '#interfaces/http/billing/billing.response';
import type { Locale } from '../shared/locale';
import { COMMON } from '../shared/words';
import { wordsOf } from '../words/page-words';

export type LimitName = LimitChangeResponse['name'];
export type LimitValue = LimitChangeResponse['from'];

export const LIMIT_NAMES = wordsOf('limitNames');

/** A limit, or a use of it, with its unit. */
export function limitText(locale: Locale, name: LimitName, value: LimitValue): string {
  if (value === 'unlimited') return locale.words(COMMON).unlimited;
  if (typeof value === 'object') return value.join(', ').toUpperCase();
  if (name === 'retention_days') return locale.unit(value, 'day');
  if (name !== 'file_size_mb') return locale.number(value);
  return new Intl.NumberFormat(locale.language, {
    style: 'unit',
    unit: 'megabyte',
    maximumFractionDigits: 1,
  }).format(value);
}
