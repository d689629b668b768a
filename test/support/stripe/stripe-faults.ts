import { setTimeout as passed } from 'node:timers/promises';
import { Signal } from '#test/support/signal';

/** Goes wrong with the next request whose path it is about: any, if it names none. */
export type Fault = { readonly path?: RegExp } & FaultKind;

type FaultKind =
  /** Answers with an error. `remembered`: does the work, and keeps the error as the answer to the request's idempotency key. */
  | { readonly status: number; readonly remembered?: boolean }
  /** Hangs up before it does the work, or after it. */
  | { readonly cut: 'before' | 'after' }
  /** Does the work, and says nothing. */
  | { readonly silent: true }
  /** The request reaches Stripe twice, one after the other; the second answer comes back. */
  | { readonly twice: true }
  /** Begins the work when this is done. */
  | { readonly until: () => Promise<void> };

/** A request that waits within Stripe. */
export interface Held {
  /** Once the request has come, and keeps its idempotency key in use. */
  readonly reached: Promise<void>;
  readonly release: () => void;
}

/** What goes wrong next, in order. Each fault happens once. */
export class StripeFaults {
  private readonly waiting: Fault[] = [];

  push(...faults: readonly Fault[]): void {
    this.waiting.push(...faults);
  }

  next({ times = 1, ...fault }: { status: number; times?: number; path?: RegExp; remembered?: boolean }): void {
    this.push(...Array.from({ length: times }, () => fault));
  }

  /** The work is done and nobody is told: a client gives up after its own time limit. */
  timeout(path?: RegExp): void {
    this.push({ silent: true, path });
  }

  duplicate(path?: RegExp): void {
    this.push({ twice: true, path });
  }

  slow(milliseconds: number, path?: RegExp): void {
    this.push({ until: () => passed(milliseconds, undefined, { ref: false }), path });
  }

  /** As slow as the test says: nothing is waited for but what it wants to see. */
  hold(path?: RegExp): Held {
    const [reached, released] = [new Signal(), new Signal()];
    this.push({ until: () => (reached.give(), released.given), path });
    return { reached: reached.given, release: released.give };
  }

  /** The fault that this request meets, which is used up by it. */
  take(path: string): Fault | null {
    const index = this.waiting.findIndex((fault) => fault.path?.test(path) ?? true);
    return index < 0 ? null : this.waiting.splice(index, 1)[0]!;
  }
}
