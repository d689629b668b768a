import { ledgerOf, makeSessions } from './support/subscriber.js';
import { expect, test } from './support/test.js';
import type { BrowserUser, TestServer } from './support/server.js';

/** More than one page of the timeline. */
const SESSIONS = 55;

async function buyCredit(server: TestServer, user: BrowserUser): Promise<void> {
  const { data } = await server.call<{ data: { id: string }[] }>('GET', '/api/v1/payments/packages', user.key);
  const order = { package_id: data[0]!.id, currency: 'usd' };
  const { url } = await server.call<{ url: string }>('POST', '/api/v1/payments/checkout', user.key, order);
  await server.press(`${url}/pay`);
}

test('an operator finds a user, and reads what happened in one line of time', async ({ page, server }) => {
  const user = await server.newUser('pro');
  await makeSessions(server, user, SESSIONS);
  await page.goto(await server.adminPage());
  await expect(page.getByRole('heading', { name: 'Operations' })).toBeVisible();
  const users = page.locator('#users');
  await page.getByRole('searchbox', { name: 'Search' }).fill(user.email.slice(0, 20));
  await expect(users.getByRole('row')).toHaveCount(2);
  await expect(users.getByRole('row').last()).toContainText(`${SESSIONS} of unlimited`);
  await users.getByRole('link', { name: user.email }).click();

  await expect(page.locator('#user')).toContainText(user.id);
  const timeline = page.locator('#timeline');
  const entries = timeline.getByRole('listitem');
  await expect(entries).toHaveCount(50);
  await timeline.getByRole('button', { name: 'Show older' }).click();
  await expect(timeline.getByText('device created', { exact: true })).toBeVisible();
  expect(await entries.count()).toBeGreaterThan(SESSIONS);
  await expect(timeline.getByRole('button', { name: 'Show older' })).toHaveCount(0);
  await timeline.getByRole('combobox', { name: 'Show' }).selectOption('access');
  await expect(timeline.getByText('device created', { exact: true })).toBeVisible();
  await expect(timeline.getByText('session', { exact: true })).toHaveCount(0);
});

test('an event of the payment provider is handled again, and books nothing twice', async ({ page, server }) => {
  const user = await server.newUser();
  await buyCredit(server, user);
  const before = await ledgerOf(server, user);
  expect(before).toMatchObject([{ type: 'purchase' }]);
  await page.goto(await server.adminPage());
  await page.getByRole('link', { name: 'Webhook events' }).click();
  const events = page.locator('#webhooks');
  await events.getByRole('textbox', { name: 'Type' }).fill('checkout.session.completed');
  const event = events.getByRole('row').filter({ hasText: 'applied' }).first();
  await event.getByRole('button').click();
  const dialog = page.getByRole('dialog');
  const again = dialog.getByRole('button', { name: 'Handle again' });
  await expect(again).toHaveAttribute('aria-disabled', 'true');
  await dialog.getByRole('textbox').fill('browser test');
  await again.click();
  await expect(dialog.getByRole('status')).toHaveText('The event is being handled again.');
  await expect(dialog.getByText('applied', { exact: true })).toBeVisible();
  await dialog.getByRole('button', { name: 'Close' }).click();
  expect(await ledgerOf(server, user)).toEqual(before);
});

test('an operator sees the providers, the state of the installation, and that the books are right', async ({
  page,
  server,
}) => {
  await buyCredit(server, await server.newUser());
  await page.goto(await server.adminPage());
  await page.getByRole('link', { name: 'Providers' }).click();
  await expect(page.locator('#providers').getByText('operational').first()).toBeVisible();
  await page.getByRole('link', { name: 'Books' }).click();
  await expect(page.locator('#doctor').getByText('ok', { exact: true }).first()).toBeVisible();
  await expect(page.locator('#doctor').getByText('broken', { exact: true })).toHaveCount(0);
  const verification = page.locator('#verification');
  const runs = verification.getByRole('listitem');
  await expect(page.locator('[aria-busy="true"]')).toHaveCount(0);
  const known = await runs.count();
  await verification.getByRole('button', { name: 'Verify now' }).click();
  await expect(runs).toHaveCount(Math.min(5, known + 1));
  await expect(runs.first()).toContainText('no difference', { timeout: 30_000 });
});

test('nobody but an operator gets the page of operators', async ({ page, server }) => {
  const user = await server.newUser();
  await page.goto(await server.pageOf(user));
  await expect(page.getByText(user.email)).toBeVisible();
  await page.goto(`${server.url}/admin`);
  await expect(page.getByRole('alert')).toContainText('This operation needs the role admin.');
  await expect(page.getByRole('table')).toHaveCount(0);
  expect((await page.request.get(`${server.url}/api/v1/admin/overview/users`)).status()).toBe(403);
});
