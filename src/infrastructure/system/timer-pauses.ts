import { setTimeout } from 'node:timers/promises';
import { injectable } from 'inversify';
import type { Pauses } from '#application/ports/pauses';

@injectable()
export class TimerPauses implements Pauses {
  async wait(ms: number): Promise<void> {
    await setTimeout(ms);
  }
}
