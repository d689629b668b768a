import { injectable } from 'inversify';
import type { JobHandler } from '#application/ports/job-handler';
import { Log } from '#application/ports/log';
import { type OutgoingEvent, OutgoingWebhook } from '#application/ports/outgoing-webhook';

/** Posts events to the operator's webhook, until they are taken. */
@injectable()
export class OutgoingWebhookHandler implements JobHandler {
  readonly task = 'post_webhook';
  readonly schedule = null;

  constructor(
    private readonly webhook: OutgoingWebhook,
    private readonly log: Log,
  ) {}

  async handle(payload: unknown): Promise<void> {
    const event = eventOf(payload);
    const posted = await this.webhook.post(event);
    if (!posted) {
      const fields = { event_id: event.id, type: event.type };
      this.log.warn(fields, 'an event was not posted: no webhook is configured any more');
    }
  }
}

function eventOf(payload: unknown): OutgoingEvent {
  const { id, type, timestamp, data } = (payload ?? {}) as Partial<Record<keyof OutgoingEvent, unknown>>;
  const isNamed = [id, type, timestamp].every((text) => typeof text === 'string' && text !== '');
  if (!isNamed || typeof data !== 'object' || data === null) {
    throw new Error('A job to post a webhook has no whole event.');
  }
  return { id, type, timestamp, data } as OutgoingEvent;
}
