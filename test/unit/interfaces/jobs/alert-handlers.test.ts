import type { BudgetAlertDelivery } from '#application/budgets/budget-alert-delivery';
import type { OutgoingEvent } from '#application/ports/outgoing-webhook';
import { BudgetAlertHandler } from '#interfaces/jobs/budget-alert.handler';
import { OutgoingWebhookHandler } from '#interfaces/jobs/outgoing-webhook.handler';
import { RecordingLog } from '#test/support/fakes/recording-log';

describe('the job deliver_budget_alert', () => {
  const delivered: string[] = [];
  const execute = async (id: string): Promise<void> => void delivered.push(id);
  const handler = new BudgetAlertHandler({ execute } as unknown as BudgetAlertDelivery);

  it('delivers the alert that it names', async () => {
    const alertId = '00000000-0000-7000-8000-000000000001';
    await handler.handle({ alertId });
    expect(delivered).toEqual([alertId]);
  });

  it.each([null, {}, { alertId: 7 }, { alertId: 'not-an-id' }])(
    'cannot be done when it names none: %j',
    async (job) => {
      await expect(handler.handle(job)).rejects.toThrow('names none');
    },
  );
});

describe('the job post_webhook', () => {
  const event: OutgoingEvent = {
    id: 'a1',
    type: 'budget.alert',
    timestamp: '2026-03-10T12:00:00.000Z',
    data: { n: 1 },
  };
  const posted: OutgoingEvent[] = [];

  it('posts the event that it holds, and nothing else that it may hold', async () => {
    const log = new RecordingLog();
    const handler = new OutgoingWebhookHandler({ post: async (one) => posted.push(one) > 0 }, log);
    await handler.handle({ ...event, url: 'http://elsewhere.example' });
    expect([posted, log.lines]).toEqual([[event], []]);
  });

  it('says so when there is nowhere to post to any more', async () => {
    const log = new RecordingLog();
    await new OutgoingWebhookHandler({ post: async () => false }, log).handle(event);
    expect(log.lines).toMatchObject([{ level: 'warn', fields: { event_id: 'a1', type: 'budget.alert' } }]);
  });

  it.each([
    null,
    {},
    { ...event, id: '' },
    { ...event, type: 7 },
    { ...event, timestamp: null },
    { ...event, data: 'x' },
  ])('cannot be done without a whole event: %j', async (job) => {
    const handler = new OutgoingWebhookHandler({ post: async () => true }, new RecordingLog());
    await expect(handler.handle(job)).rejects.toThrow('no whole event');
  });
});
