import { randomFillSync } from 'node:crypto';
import { injectable } from 'inversify';
import { v7 } from 'uuid';
import type { IdGenerator } from '#application/ports/id-generator';
import type { Id } from '#domain/shared/id';

const ID_BYTES = 16;

/** Random bytes for 256 ids: asking the system for each id's own takes 5 µs, and a request makes several. */
const pool = Buffer.alloc(ID_BYTES * 256);
let used = pool.length;

/** Of the last id. Within a millisecond ids count up (RFC 9562, 6.2, method 1), so that they stay in order. */
let msecs = 0;
let seq = 0;

@injectable()
export class UuidGenerator implements IdGenerator {
  next<Of extends string>(): Id<Of> {
    if (used === pool.length) {
      randomFillSync(pool);
      used = 0;
    }
    const random = pool.subarray(used, (used += ID_BYTES));
    const now = Date.now();
    // Begins in the lower half, so that a millisecond never runs out of numbers.
    if (now > msecs) [msecs, seq] = [now, random.readUInt32BE(6) >>> 1];
    else seq += 1;
    return v7({ random, msecs, seq }) as Id<Of>;
  }
}
