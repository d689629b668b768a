import type { IdGenerator } from '#application/ports/id-generator';
import type { Id } from '#domain/shared/id';

/** 00000000-0000-7000-8000-000000000001, then …2, and so on. */
export class SequentialIds implements IdGenerator {
  private last = 0;

  next<Of extends string>(): Id<Of> {
    return `00000000-0000-7000-8000-${(++this.last).toString(16).padStart(12, '0')}` as Id<Of>;
  }
}
