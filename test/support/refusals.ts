import { DomainException } from '#domain/shared/domain-exception';

/** The refusal that a deed ends in. Fails when nothing is refused, or when something breaks instead. */
export async function refusalOf(deed: Promise<unknown>): Promise<DomainException> {
  const error: unknown = await deed.then(
    () => new Error('Nothing was refused.'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof DomainException)) throw error;
  return error;
}
