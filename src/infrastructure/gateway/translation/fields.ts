import { ProviderRefusal, type JsonObject } from '#application/gateway/ai-provider';

/** Reading JSON of unknown shape: what is not as expected reads as nothing, or is refused by the name of its field. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Neither absent nor null: both dialects take null for absent. */
export function isSaid(value: unknown): boolean {
  return value !== undefined && value !== null;
}

export function objectOf(value: unknown): JsonObject {
  return isObject(value) ? value : {};
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** A thousand times what the largest models take: whoever counts more than this, counts wrong. */
const MOST = 1_000_000_000;

/** Null for what is no whole number from 0, and for what is beyond all measure. */
export function findCount(value: unknown): number | null {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= MOST ? value : null;
}

/** The fields that are said, without those named. */
export function fieldsBeside(body: JsonObject, names: ReadonlySet<string>): JsonObject {
  return Object.fromEntries(Object.entries(body).filter(([name, value]) => !names.has(name) && isSaid(value)));
}

/** The request says something that the other dialect cannot say. */
export function refusal(field: string, reason: string): ProviderRefusal {
  return new ProviderRefusal(400, `${field}: ${reason}`, 'unsupported_parameter', field);
}

export function requiredObject(value: unknown, field: string): JsonObject {
  if (!isObject(value)) throw refusal(field, 'must be an object.');
  return value;
}

export function requiredList(value: unknown, field: string): readonly unknown[] {
  if (!Array.isArray(value)) throw refusal(field, 'must be an array.');
  return value;
}

export function requiredText(value: unknown, field: string): string {
  if (typeof value !== 'string') throw refusal(field, 'must be a string.');
  return value;
}

/** A type or role as a refusal quotes it: never longer than a line. */
export function quoted(value: unknown): string {
  return typeof value === 'string' ? `"${value.slice(0, 60)}"` : 'null';
}

/** Blocks or parts of a message; one text alone as that text, which both dialects take and every server understands. */
export function plainWhenAlone(blocks: readonly JsonObject[]): unknown {
  const [first] = blocks;
  return blocks.length === 1 && first?.['type'] === 'text' ? first['text'] : blocks;
}
