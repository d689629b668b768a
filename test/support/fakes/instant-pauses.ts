import type { Pauses } from '#application/ports/pauses';
import type { ManualClock } from './manual-clock.js';

/** Waits for nobody: the clock goes on by itself. */
export class InstantPauses implements Pauses {
  readonly waited: number[] = [];

  constructor(private readonly clock: ManualClock) {}

  async wait(ms: number): Promise<void> {
    this.waited.push(ms);
    this.clock.advance(ms / 1000);
  }
}
