import { injectable } from 'inversify';
import { Webhook } from 'standardwebhooks';
import { fetch } from 'undici';
import { BudgetSettings } from '#application/budgets/budget-settings';
import { Clock } from '#application/ports/clock';
import type { OutgoingEvent, OutgoingWebhook } from '#application/ports/outgoing-webhook';

/** Connection, request and the beginning of the answer together. */
const TIMEOUT_MS = 10_000;

/**
 * Posts events as the Standard Webhooks specification has them, so that its libraries verify them
 * (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md). The timestamp in the header is
 * that of the attempt; id and body are the same each time.
 */
@injectable()
export class StandardWebhook implements OutgoingWebhook {
  constructor(
    private readonly settings: BudgetSettings,
    private readonly clock: Clock,
  ) {}

  async post({ id, type, timestamp, data }: OutgoingEvent): Promise<boolean> {
    const { webhook } = this.settings;
    if (webhook === null) return false;
    const now = this.clock.now();
    const body = JSON.stringify({ type, timestamp, data });
    const answer = await fetch(webhook.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'user-agent': 'Minutebook',
        'webhook-id': id,
        'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
        'webhook-signature': new Webhook(webhook.secret).sign(id, now, body),
      },
      body,
      // What was signed for one address is not handed on to another.
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    // The status says it all; what else a receiver says is its own, and may be secret.
    await answer.body?.cancel();
    if (!answer.ok)
      throw new Error(`The webhook answered with status ${answer.status}; only 2xx says that it was taken.`);
    return true;
  }
}
