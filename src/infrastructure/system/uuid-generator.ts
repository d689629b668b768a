import { injectable } from 'inversify';
import { v7 } from 'uuid';
import type { IdGenerator } from '#application/ports/id-generator';
import type { Id } from '#domain/shared/id';

@injectable()
export class UuidGenerator implements IdGenerator {
  next<Of extends string>(): Id<Of> {
    return v7() as Id<Of>;
  }
}
