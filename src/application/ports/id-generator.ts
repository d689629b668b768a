import type { Id } from '#domain/shared/id';

export abstract class IdGenerator {
  /** A new UUID, version 7 (RFC 9562): ordered by time, so that primary keys are written side by side. */
  abstract next<Of extends string>(): Id<Of>;
}
