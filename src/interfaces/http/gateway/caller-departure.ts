import type { ServerResponse } from 'node:http';
import { ClientGone, type Departure } from '#application/gateway/ai-ask';

/** The caller of a response leaves before that is complete. An AbortController for it takes 4 µs more of every request. */
export class CallerDeparture implements Departure {
  reason: ClientGone | null = null;
  private readonly listeners: (() => void)[] = [];

  constructor(response: ServerResponse) {
    response.once('close', () => {
      if (response.writableFinished) return;
      this.reason = new ClientGone('The caller left.');
      for (const listener of this.listeners) listener();
    });
  }

  get aborted(): boolean {
    return this.reason !== null;
  }

  addEventListener(_type: 'abort', listener: () => void): void {
    this.listeners.push(listener);
  }
}
