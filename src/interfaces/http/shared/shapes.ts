import { buildMessage, isISO8601, ValidateBy } from 'class-validator';

/** Decorators for what class-validator has no word for, and the schemas that describe them. */

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d)$/;

/** An instant of RFC 3339, with its offset: a date alone says no instant. */
export function IsInstant(): PropertyDecorator {
  return ValidateBy({
    name: 'isInstant',
    validator: {
      validate: (value) => typeof value === 'string' && INSTANT.test(value) && isISO8601(value, { strict: true }),
      defaultMessage: buildMessage(() => '$property must be an instant such as 2026-01-31T09:30:00Z'),
    },
  });
}

/** What a plan allows of something: a whole number, or the word `unlimited`. */
export function IsLimit(): PropertyDecorator {
  return ValidateBy({
    name: 'isLimit',
    validator: {
      validate: (value) => value === 'unlimited' || (Number.isInteger(value) && (value as number) >= 0),
      defaultMessage: buildMessage(() => '$property must be a whole number or "unlimited"'),
    },
  });
}

export const SHAPE_SCHEMAS: Readonly<Record<string, object>> = {
  isInstant: { type: 'string', format: 'date-time' },
  isTelegramUserIdOrNull: { type: ['integer', 'null'], minimum: 1, maximum: 2 ** 52 - 1 },
  isLimit: { anyOf: [{ type: 'integer', minimum: 0 }, { const: 'unlimited' }] },
};
