import type { UserId } from '#domain/accounts/user';
import { HttpProblem } from '../shared/problem.js';

const MEBIBYTE = 1024 * 1024;

/** Of what a request brings, several copies are in memory at a time: as it came, as values, and as it goes on. */
const MOST_BYTES = 256 * MEBIBYTE;
/** Three of the largest bodies: one user alone does not keep the others out. */
const MOST_BYTES_OF_ONE = MOST_BYTES / 4;

/** Bytes of bodies that this process has in memory: each counts from its arrival until its request has ended. */
export class BodyRoom {
  private taken = 0;
  private readonly takenBy = new Map<UserId, number>();

  constructor(
    private readonly most = MOST_BYTES,
    private readonly mostOfOne = MOST_BYTES_OF_ONE,
  ) {}

  /** Room for the body of one request, which takes what arrives and gives it back when it leaves. */
  enter(userId: UserId): BodyShare {
    let mine = 0;
    const mustFit = (bytes: number): void => this.mustFit(userId, bytes);
    return {
      mustFit,
      take: (bytes) => {
        mustFit(bytes);
        mine += bytes;
        this.count(userId, bytes);
      },
      leave: () => {
        this.count(userId, -mine);
        mine = 0;
      },
    };
  }

  private mustFit(userId: UserId, bytes: number): void {
    const again = { 'x-should-retry': 'true', 'Retry-After': '1' };
    if ((this.takenBy.get(userId) ?? 0) + bytes > this.mostOfOne) {
      const message = `Your running requests may have ${this.mostOfOne} bytes in all. Wait for one of them to end, and ask again.`;
      throw new HttpProblem(
        429,
        'rate_limit_exceeded',
        message,
        { limit: 'bytes_at_once', allowed: this.mostOfOne },
        again,
      );
    }
    if (this.taken + bytes > this.most) {
      const message = 'More is being sent here at this moment than there is room for. Ask again in a second.';
      throw new HttpProblem(503, 'no_room', message, {}, again);
    }
  }

  private count(userId: UserId, bytes: number): void {
    this.taken += bytes;
    const taken = (this.takenBy.get(userId) ?? 0) + bytes;
    if (taken === 0) this.takenBy.delete(userId);
    else this.takenBy.set(userId, taken);
  }
}

export interface BodyShare {
  /** Throws HttpProblem 429 and 503 when so many bytes more would be too many now. */
  mustFit(bytes: number): void;
  /** Counts bytes that have arrived. Throws as `mustFit`. */
  take(bytes: number): void;
  leave(): void;
}
