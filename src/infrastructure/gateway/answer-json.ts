import { type JsonObject, ProviderFault } from '#application/gateway/ai-provider';
import { isObject } from './translation/fields.js';

/** Throws ProviderFault (`invalid_answer`) when a provider's answer, or an event of it, is no JSON object. */
export function jsonObjectIn(provider: string, text: string, status: number | null): JsonObject {
  const value = parsed(text);
  if (isObject(value)) return value;
  throw new ProviderFault(
    'invalid_answer',
    `${provider} answered with something that is no JSON object.`,
    status,
    null,
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
