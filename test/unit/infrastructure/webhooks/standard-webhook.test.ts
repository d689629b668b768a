import { createHmac } from 'node:crypto';
import { jest } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import { BudgetSettings } from '#application/budgets/budget-settings';
import type { OutgoingEvent } from '#application/ports/outgoing-webhook';
import { Money } from '#domain/shared/money';
import { StandardWebhook } from '#infrastructure/webhooks/standard-webhook';
import { SystemClock } from '#infrastructure/system/system-clock';
import { ManualClock } from '#test/support/fakes/manual-clock';
import { answering, WebhookReceiver } from '#test/support/webhook-receiver';

const KEY = Buffer.alloc(32, 11);
const SECRET = `whsec_${KEY.toString('base64')}`;
const event: OutgoingEvent = {
  id: '00000000-0000-7000-8000-000000000001',
  type: 'budget.alert',
  timestamp: '2026-03-10T12:00:00.000Z',
  data: { used_micros: 27_000_000, title: 'Budget Exceeded · 100 %', user_id: null },
};

describe('a webhook of the Standard Webhooks specification', () => {
  let receiver: WebhookReceiver;

  beforeAll(async () => {
    receiver = await WebhookReceiver.start();
  });
  afterAll(() => receiver.close());

  const settings = (url = receiver.url): BudgetSettings =>
    new BudgetSettings(Money.zero, Money.zero, { url, secret: SECRET });
  const webhook = () => new StandardWebhook(settings(), new ManualClock('2026-03-10T12:34:56.789Z'));

  it('is signed as the specification says: id, seconds and body, by the bytes of the secret', async () => {
    receiver.does(answering(200));
    expect(await webhook().post(event)).toBe(true);
    const { method, path, headers, text } = receiver.received[0]!;
    expect([method, path]).toEqual(['POST', '/hooks?token=of-the-operator']);
    expect(JSON.parse(text)).toEqual({ type: event.type, timestamp: event.timestamp, data: event.data });
    const seconds = String(Date.parse('2026-03-10T12:34:56Z') / 1000);
    const signature = createHmac('sha256', KEY).update(`${event.id}.${seconds}.${text}`).digest('base64');
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      'webhook-id': event.id,
      'webhook-timestamp': seconds,
      'webhook-signature': `v1,${signature}`,
    });
  });

  it('is verified by the library of the specification, and not with one byte changed', async () => {
    receiver.does(answering(204));
    await new StandardWebhook(settings(), new SystemClock()).post(event);
    const { headers, text } = receiver.received[0]!;
    const given = headers as Record<string, string>;
    expect(new Webhook(SECRET).verify(text, given)).toMatchObject({ type: 'budget.alert' });
    expect(() => new Webhook(SECRET).verify(text.replace('27000000', '27000001'), given)).toThrow(
      'No matching signature',
    );
  });

  it.each([200, 201, 202, 204, 299])('is taken with status %d', async (status) => {
    receiver.does(answering(status));
    expect(await webhook().post(event)).toBe(true);
  });

  it.each([400, 401, 404, 410, 429, 500, 503])(
    'is not taken with status %d, and says nothing of what was answered',
    async (status) => {
      receiver.does(answering(status, {}, 'a secret of the receiver'));
      const refused = webhook().post(event);
      await expect(refused).rejects.toThrow(`status ${status}`);
      await expect(refused).rejects.not.toThrow(/secret|token/);
    },
  );

  it.each([301, 302, 303, 307, 308])('does not follow a redirect with status %d', async (status) => {
    receiver.does(answering(status, { location: '/elsewhere' }), answering(200));
    await expect(webhook().post(event)).rejects.toThrow(`status ${status}`);
    expect(receiver.received.map(({ path }) => path)).toEqual(['/hooks?token=of-the-operator']);
  });

  it('fails when the receiver hangs up, or is not there', async () => {
    receiver.does((response) => void response.destroy());
    await expect(webhook().post(event)).rejects.toThrow('fetch failed');
    const nowhere = new StandardWebhook(settings('http://127.0.0.1:1/'), new ManualClock());
    await expect(nowhere.post(event)).rejects.toThrow('fetch failed');
  });

  it('is given up after ten seconds without an answer', async () => {
    receiver.does(() => undefined);
    const soon = AbortSignal.timeout.bind(AbortSignal, 50);
    const timeout = jest.spyOn(AbortSignal, 'timeout').mockImplementation(soon);
    await expect(webhook().post(event)).rejects.toThrow('timeout');
    expect(timeout.mock.calls).toEqual([[10_000]]);
    timeout.mockRestore();
  });

  it('is posted nowhere when none is configured', async () => {
    receiver.does(answering(200));
    const none = new StandardWebhook(new BudgetSettings(Money.zero, Money.zero, null), new ManualClock());
    expect(await none.post(event)).toBe(false);
    expect(receiver.received).toEqual([]);
  });
});
