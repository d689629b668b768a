import type { EntitySchemaColumnOptions, ValueTransformer } from 'typeorm';

/**
 * The start of a billing period as it keys counters, holds, sessions and logs. The open period starts at -infinity,
 * which the driver reads as the number -Infinity and the domain knows as null.
 */
export const periodStart: ValueTransformer = {
  to: (start: Date | null): Date | string => start ?? '-infinity',
  from: (start: Date | number): Date | null => (start instanceof Date ? start : null),
};

/** For statements written by hand. */
export const periodKey = (start: Date | null): Date | string => start ?? '-infinity';
export const periodEndKey = (end: Date | null): Date | string => end ?? 'infinity';
export const periodOf = (key: Date | number): Date | null => (key instanceof Date ? key : null);

/** bigint columns that stay within what a JavaScript number counts exactly: bytes and seconds. */
export const count: ValueTransformer = {
  to: (value: number | null): number | null => value,
  from: (text: string | null): number | null => (text === null ? null : Number(text)),
};

/** Micro-dollars, exact beyond 2^53. */
export const micros: ValueTransformer = {
  to: (value: bigint): string => value.toString(),
  from: (text: string): bigint => BigInt(text),
};

/**
 * A column of period starts. Declared as text, which TypeORM hands to the driver as it is: of a timestamptz it first
 * makes a Date, and there is none for -infinity.
 */
export const period = (name: string): EntitySchemaColumnOptions => ({ name, type: 'text', transformer: periodStart });

export const uuid = (name: string, more: Partial<EntitySchemaColumnOptions> = {}): EntitySchemaColumnOptions => ({
  name,
  type: 'uuid',
  ...more,
});
export const text = (name: string, more: Partial<EntitySchemaColumnOptions> = {}): EntitySchemaColumnOptions => ({
  name,
  type: 'text',
  ...more,
});
export const integer = (name: string, more: Partial<EntitySchemaColumnOptions> = {}): EntitySchemaColumnOptions => ({
  name,
  type: 'integer',
  ...more,
});
export const instant = (name: string, more: Partial<EntitySchemaColumnOptions> = {}): EntitySchemaColumnOptions => ({
  name,
  type: 'timestamptz',
  ...more,
});
