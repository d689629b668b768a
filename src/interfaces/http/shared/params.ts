import { findId, type Id } from '#domain/shared/id';
import type { DomainException } from '#domain/shared/domain-exception';
import type { Call } from './operation.js';

/** The id in the address. One that is malformed is answered like one that does not exist. */
export function idParam<Of extends string>(
  call: Pick<Call<unknown, unknown, never>, 'params'>,
  missing: new (id: string) => DomainException,
  name = 'id',
): Id<Of> {
  const text = call.params[name] ?? '';
  const id = findId<Of>(text);
  if (!id) throw new missing(text);
  return id;
}
