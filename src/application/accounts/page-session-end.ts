import { PageSessionRepository } from '#domain/accounts/page-session';
import { Clock } from '../ports/clock.js';
import { Transaction } from '../ports/transaction.js';
import { UseCase } from '../use-case.js';
import { CallerCache } from './caller-cache.js';
import { PageSecrets } from './page-secrets.js';

/** Signs out of the page: here at once, in every other process within a second. */
@UseCase()
export class PageSessionEnd {
  constructor(
    private readonly sessions: PageSessionRepository,
    private readonly secrets: PageSecrets,
    private readonly callers: CallerCache,
    private readonly transaction: Transaction,
    private readonly clock: Clock,
  ) {}

  /** Ends the session that this cookie or token opens. One that is over, or was never known, is as it should be. */
  async execute(secret: string): Promise<void> {
    const [tokenHash, cookieHash] = [this.secrets.tokenHashOf(secret), this.secrets.cookieHashOf(secret)];
    await this.transaction.run(async () => {
      const session =
        (tokenHash === null ? null : await this.sessions.findByToken(tokenHash)) ??
        (cookieHash === null ? null : await this.sessions.findByCookie(cookieHash));
      // A token that was exchanged stands for nothing any more, so it cannot sign anybody out.
      if (!session || (tokenHash !== null && session.openedAs === 'cookie')) return;
      await this.sessions.end(session.id, this.clock.now());
    });
    this.callers.clear();
  }
}
