import { jest } from '@jest/globals';
import { GatewaySettings } from '#application/gateway/gateway-settings';
import { RateLimited } from '#application/gateway/request-rates';
import type { UserId } from '#domain/accounts/user';
import { MemoryRequestRates } from '#infrastructure/gateway/memory-request-rates';

const [ANA, BEN] = ['ana', 'ben'] as [UserId, UserId];

const rates = (perMinute: number, atOnce: number): MemoryRequestRates =>
  new MemoryRequestRates(new GatewaySettings(0, 1000, 1000, perMinute, atOnce));

async function refusalOf(admission: Promise<unknown>): Promise<RateLimited> {
  const answer = await admission.catch((error: unknown) => error);
  if (!(answer instanceof RateLimited)) throw new Error('It was admitted.', { cause: answer });
  return answer;
}

describe('MemoryRequestRates', () => {
  beforeEach(() => void jest.useFakeTimers({ now: new Date('2026-03-10T12:00:00.000Z') }));
  afterEach(() => void jest.useRealTimers());

  it('admits so many requests in a minute, and says how long to wait for the next', async () => {
    const perMinute = rates(3, 10);
    for (let time = 0; time < 3; time++) (await perMinute.admit(ANA))();
    jest.setSystemTime(Date.now() + 18_000);
    const refusal = await refusalOf(perMinute.admit(ANA));
    expect(refusal).toMatchObject({
      code: 'rate_limit_exceeded',
      facts: { limit: 'requests_per_minute', allowed: 3, retry_after_seconds: 42 },
      retryAfterMs: 42_000,
    });
    jest.setSystemTime(Date.now() + 42_000);
    await expect(perMinute.admit(ANA)).resolves.toBeDefined();
  });

  it('admits so many at once, and the next as soon as one leaves', async () => {
    const atOnce = rates(100, 2);
    const leave = await atOnce.admit(ANA);
    await atOnce.admit(ANA);
    expect(await refusalOf(atOnce.admit(ANA))).toMatchObject({
      facts: { limit: 'requests_at_once', allowed: 2, retry_after_seconds: 1 },
    });
    leave();
    await atOnce.admit(ANA);
    await refusalOf(atOnce.admit(ANA));
  });

  it('lets those who come at the same time see each other', async () => {
    const atOnce = rates(100, 3);
    const answers = await Promise.allSettled(Array.from({ length: 8 }, () => atOnce.admit(ANA)));
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(3);
  });

  it('counts each user alone', async () => {
    const single = rates(1, 1);
    await single.admit(ANA);
    await single.admit(BEN);
    await refusalOf(single.admit(ANA));
  });

  it('counts one that is refused for the minute as not running', async () => {
    const strict = rates(2, 2);
    for (let time = 0; time < 2; time++) (await strict.admit(ANA))();
    for (let time = 0; time < 5; time++) {
      expect((await refusalOf(strict.admit(ANA))).facts).toMatchObject({ limit: 'requests_per_minute' });
    }
    jest.setSystemTime(Date.now() + 60_000);
    await strict.admit(ANA);
    await expect(strict.admit(ANA)).resolves.toBeDefined();
  });

  it('does not count one against the minute that too many at once kept out', async () => {
    const strict = rates(2, 1);
    const leave = await strict.admit(ANA);
    for (let time = 0; time < 5; time++) await refusalOf(strict.admit(ANA));
    leave();
    await expect(strict.admit(ANA)).resolves.toBeDefined();
  });
});
