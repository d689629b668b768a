import type { AiHolds } from '#application/gateway/ai-holds';

/** Nothing is held at once here: the account is opened each time, which holds by the rules themselves. */
export class InMemoryAiHolds implements AiHolds {
  async placeAtOnce(): Promise<null> {
    return null;
  }
}
