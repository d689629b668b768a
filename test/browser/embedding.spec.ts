import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect, test as plain } from './support/test.js';
import { type BrowserUser, TestServer } from './support/server.js';
import { ledgerOf } from './support/subscriber.js';

/** A page of another origin, which has the element in it, and a policy that allows no more than docs/embedding.md says. */
interface HostPage {
  readonly url: string;
  readonly stranger: string;
  readonly billing: TestServer;
}

const test = plain.extend<object, { readonly host: HostPage }>({
  host: [
    async ({}, use) => {
      let billing: TestServer | null = null;
      const serve = (): Server =>
        createServer((_request, response) => {
          const origin = billing!.url;
          response
            .setHeader('Content-Type', 'text/html; charset=utf-8')
            .setHeader('Content-Security-Policy', `default-src 'none'; script-src ${origin}; frame-src ${origin}`)
            .end(
              `<!doctype html><html lang="en"><title>Coaching</title><h1>Coaching</h1>` +
                `<script async src="${origin}/embed.js"></script><minutebook-billing></minutebook-billing></html>`,
            );
        }).listen(0, '127.0.0.1');
      const [own, other] = [serve(), serve()];
      await Promise.all([once(own, 'listening'), once(other, 'listening')]);
      const at = (server: Server): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      billing = await TestServer.start({ EMBED_ORIGINS: at(own) });
      await use({ url: at(own), stranger: at(other), billing });
      await billing.stop();
      for (const server of [own, other]) server.close();
    },
    { scope: 'worker', timeout: 120_000 },
  ],
});

async function tokenOf(server: TestServer, user: BrowserUser): Promise<string> {
  return new URLSearchParams(new URL(await server.pageOf(user)).hash.slice(1)).get('token')!;
}

test('an element of another page shows the billing page, as high as its content', async ({ page, host }) => {
  const user = await host.billing.newUser();
  const token = await tokenOf(host.billing, user);
  const complaints: string[] = [];
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  await page.goto(host.url);
  await page.locator('minutebook-billing').evaluate((element, value) => element.setAttribute('token', value), token);

  const frame = page.frameLocator('minutebook-billing iframe');
  await expect(frame.getByText(user.email)).toBeVisible();
  await expect(frame.locator('[aria-busy="true"]')).toHaveCount(0);
  await expect
    .poll(async () => {
      const inner = await frame.locator('#page').evaluate((root) => root.getBoundingClientRect().height);
      const outer = await page.locator('minutebook-billing iframe').evaluate((one) => one.clientHeight);
      return Math.abs(inner - outer);
    })
    .toBeLessThanOrEqual(1);
  expect(complaints).toEqual([]);
  expect(await page.context().cookies()).toEqual([]);
});

test('a dialogue in the frame opens where its button is, and gives the focus back', async ({ page, host }) => {
  const token = await tokenOf(host.billing, await host.billing.newUser('pro'));
  await page.goto(host.url);
  await page.locator('minutebook-billing').evaluate((element, value) => element.setAttribute('token', value), token);
  const frame = page.frameLocator('minutebook-billing iframe');
  await expect(frame.getByRole('heading', { level: 1 })).toBeVisible();
  await expect(frame.locator('[aria-busy="true"]')).toHaveCount(0);
  const button = frame.getByRole('button', { name: 'New API key' });
  await button.click();
  await expect(frame.getByRole('textbox', { name: 'Name of the device or program' })).toBeInViewport();
  await page.keyboard.press('Escape');
  await expect(frame.getByRole('dialog')).toHaveCount(0);
  await expect(button).toBeFocused();
});

test('the end of the session is an event of the element, and another token opens the page again', async ({
  page,
  host,
}) => {
  const { billing } = host;
  const user = await billing.newUser();
  const token = await tokenOf(billing, user);
  await page.goto(host.url);
  const element = page.locator('minutebook-billing');
  await element.evaluate((one) => {
    document.addEventListener('minutebook-session-over', () => (one.dataset.over = 'yes'));
  });
  await element.evaluate((one, value) => one.setAttribute('token', value), token);
  const frame = page.frameLocator('minutebook-billing iframe');
  await expect(frame.getByText(user.email)).toBeVisible();

  const ended = await fetch(`${billing.url}/billing/session`, {
    method: 'DELETE',
    headers: { Authorization: `Bearer ${token}` },
  });
  expect(ended.status).toBe(204);
  await expect(async () => {
    await frame.locator('body').evaluate(() => dispatchEvent(new Event('minutebook:changed')));
    await expect(element).toHaveAttribute('data-over', 'yes', { timeout: 1000 });
  }).toPass();
  await expect(frame.getByRole('heading', { name: 'Please open this page again' })).toBeVisible();

  const next = await tokenOf(billing, user);
  await element.evaluate((one, value) => Object.assign(one, { token: value }), next);
  await expect(frame.getByText(user.email)).toBeVisible();
});

test('a page that is not in EMBED_ORIGINS shows nothing of it', async ({ page, host }) => {
  const token = await tokenOf(host.billing, await host.billing.newUser());
  const refused = page.waitForEvent('console', (message) => message.text().includes('frame-ancestors'));
  await page.goto(host.stranger);
  await page.locator('minutebook-billing').evaluate((element, value) => element.setAttribute('token', value), token);
  await refused;
  await expect(page.frameLocator('minutebook-billing iframe').getByRole('heading')).toHaveCount(0);
});

test('credit is paid for in a window beside the host, and the frame shows it when it is seen again', async ({
  page,
  host,
}) => {
  const { billing } = host;
  const user = await billing.newUser();
  const token = await tokenOf(billing, user);
  await page.goto(host.url);
  await page.locator('minutebook-billing').evaluate((element, value) => element.setAttribute('token', value), token);
  const frame = page.frameLocator('minutebook-billing iframe');
  const opened = page.waitForEvent('popup');
  await frame.getByRole('button', { name: /^Buy/ }).first().click();
  const checkout = await opened;
  await checkout.getByRole('button', { name: 'Pay', exact: true }).click();
  await expect(checkout.getByRole('heading', { name: 'Thank you' })).toBeVisible();
  await checkout.close();
  expect(page.url()).toBe(`${host.url}/`);
  await frame.locator('body').evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
  await expect(frame.locator('#credits')).toContainText('Your payment came in');
  expect(await ledgerOf(billing, user)).toMatchObject([{ type: 'purchase' }]);
});
