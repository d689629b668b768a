import type { JsonObject } from '#application/gateway/ai-provider';
import { isObject, textOf } from './fields.js';

/**
 * The arguments of a call, which OpenAI encodes as JSON in a string. Null for what is no object. Empty is no arguments: so
 * compatible servers call a function that takes none.
 */
export function findArguments(said: unknown): JsonObject | null {
  if (isObject(said)) return said;
  if (typeof said !== 'string') return said === undefined || said === null ? {} : null;
  if (said.trim() === '') return {};
  try {
    const value: unknown = JSON.parse(said);
    return isObject(value) ? value : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/**
 * The id of a call as Anthropic takes it (`^[a-zA-Z0-9_-]+$`): other providers put dots and colons into theirs. The same id
 * always comes out the same, so that a result still finds its call.
 */
export function toolUseIdOf(id: unknown, unlessSaid: string): string {
  const said = textOf(id);
  return (said === '' ? unlessSaid : said).replace(/[^a-zA-Z0-9_-]/g, '_');
}
