import type { Page } from '@playwright/test';
import { AnsweredApi } from './answers.js';
import type { BrowserUser, TestServer } from './server.js';
import { STATES } from './states.js';
import { newSubscriber } from './subscriber.js';
import { expect, settled, test as plain } from './test.js';

interface Stage {
  readonly newcomer: AnsweredApi;
  readonly coach: AnsweredApi;
}

/** What a subscriber is asked for; the rest is the demo's coach's, who has a history of use. */
const OF_SUBSCRIBER = /^\/api\/v1\/(billing\/|credits\/)|^\/user\//;

/** Somebody new, and somebody who has used and paid for much: each of them asked once, for all states. */
export const test = plain.extend<object, { stage: Stage }>({
  stage: [
    async ({ server }, use) => {
      const [newcomer, subscriber, coach] = [
        await server.newUser(),
        await newSubscriber(server, 'pro'),
        await coachOf(server),
      ];
      await buyCredit(server, subscriber);
      await use({
        newcomer: new AnsweredApi(server, () => newcomer),
        coach: new AnsweredApi(server, (path) => (OF_SUBSCRIBER.test(path) ? subscriber : coach)),
      });
    },
    { scope: 'worker', timeout: 60_000 },
  ],
});

async function coachOf(server: TestServer): Promise<BrowserUser> {
  const { adminKey } = server;
  const { data } = await server.call<{ data: { id: string; email: string }[] }>(
    'GET',
    '/api/v1/admin/overview/users?search=pro@demo',
    adminKey,
  );
  const { id, email } = data[0]!;
  const device = { name: 'laptop', reason: 'browser test' };
  const { key } = await server.call<{ key: string }>('POST', `/api/v1/admin/users/${id}/devices`, adminKey, device);
  return { id, email, key };
}

async function buyCredit(server: TestServer, { key }: BrowserUser): Promise<void> {
  const { data } = await server.call<{ data: { id: string }[] }>('GET', '/api/v1/payments/packages', key);
  const order = { package_id: data[0]!.id, currency: 'usd' };
  const { url } = await server.call<{ url: string }>('POST', '/api/v1/payments/checkout', key, order);
  await server.press(`${url}/pay`);
}

/** Opens the billing page as it is in a state. */
export async function show(page: Page, server: TestServer, stage: Stage, name: string, query = ''): Promise<void> {
  const { of, changes, refused, line, then } = STATES[name]!;
  await stage[of].answerFor(page, changes, refused);
  if (line) await AnsweredApi.breakLine(page, line);
  await page.goto(`${server.url}/billing${query}`);
  if (line === 'held') await expect(page.locator('[aria-busy="true"]').first()).toBeVisible();
  else await settled(page);
  await then?.(page);
}

/** By the page's own choice, as a reader would; also while a dialogue lies over it. */
export async function speak(page: Page, language: 'en' | 'de' | 'zh-Hant'): Promise<void> {
  await page.evaluate((wanted) => {
    const select = document.querySelector<HTMLSelectElement>('.page-head select')!;
    select.value = wanted;
    select.dispatchEvent(new Event('change', { bubbles: true }));
  }, language);
  await expect(page.locator('html')).toHaveAttribute('lang', language);
}
