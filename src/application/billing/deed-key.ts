import type { Subscription } from '#domain/billing/subscription';

/**
 * What a deed is known by at the provider: the caller's key within this subscription, so that a repeat is the same deed. Without one
 * it is the state that the deed starts from, and the instant: whoever sends no key asks for no protection beyond that state.
 */
export function deedKey({ id, version }: Subscription, idempotencyKey: string | null, now: Date): string {
  return idempotencyKey === null ? `${id}:v${version}:${now.toISOString()}` : `${id}:${idempotencyKey}`;
}
