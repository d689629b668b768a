import { DomainException } from '#domain/shared/domain-exception';

/** Tells an outage of what we depend on from a mistake of ours. */
export abstract class Outages {
  /** The refusal to answer with when `error` means that the database cannot be asked just now; null for any other error. */
  abstract recognise(error: unknown): DatabaseUnavailable | null;
}

export class DatabaseUnavailable extends DomainException {
  constructor() {
    super(
      'database_unavailable',
      // Nothing is promised about what was under way: a connection can be lost between a commit and the word of it.
      'The database cannot be asked just now. Try again in a moment, with the same Idempotency-Key, so that it is done once.',
      {},
      'unavailable',
    );
  }
}
