import { ledgerOf } from './support/subscriber.js';
import { expect, openBilling, test } from './support/test.js';
import { writtenDollars, writtenNumber } from './support/written.js';
import type { BrowserUser, TestServer } from './support/server.js';

interface Package {
  readonly id: string;
  readonly credits: number;
  readonly prices: Readonly<Record<string, number>>;
}

async function smallestPackage(server: TestServer, user: BrowserUser): Promise<Package> {
  const { data } = await server.call<{ data: Package[] }>('GET', '/api/v1/payments/packages', user.key);
  return data.reduce((one, other) => (other.credits < one.credits ? other : one));
}

test('credit that was bought is in the balance and in the entries, once', async ({ page, server }) => {
  const user = await server.newUser();
  const { credits, prices } = await smallestPackage(server, user);
  const count = `${writtenNumber(credits)} credits`;
  const price = writtenDollars(prices.usd!);
  await openBilling(page, server, user);
  const credit = page.locator('#credits');
  await expect(credit).toContainText('0 credits available');
  await expect(credit).toContainText('Each purchase and each use of credit will appear here.');
  await credit.getByRole('button', { name: `Buy ${count} for ${price}` }).click();
  await expect(page.getByRole('heading', { name: price.replace('US', '') })).toBeVisible();
  expect(await ledgerOf(server, user)).toEqual([]);
  await page.getByRole('button', { name: 'Pay', exact: true }).click();

  await expect(credit).toContainText(`Your payment came in: ${count}.`);
  await expect(credit.locator('.figure')).toHaveText(count);
  await expect(credit.getByRole('row', { name: /Purchase/ })).toHaveCount(1);
  expect(page.url()).toBe(`${server.url}/billing`);
  await page.reload();
  await expect(credit.getByRole('row', { name: /Purchase/ })).toHaveCount(1);
  await expect(credit).not.toContainText('Your payment came in');

  expect(await ledgerOf(server, user)).toMatchObject([{ type: 'purchase', amount: credits, balance_after: credits }]);
  expect(await server.call('GET', '/user/balance', user.key)).toMatchObject({ credits, held: 0, debt: 0 });
});

test('a purchase that was left can be paid afterwards, and is still one', async ({ page, server }) => {
  const user = await server.newUser();
  const { credits } = await smallestPackage(server, user);
  await openBilling(page, server, user);
  const credit = page.locator('#credits');
  await credit.getByRole('button', { name: /^Buy/ }).first().click();
  await page.getByRole('link', { name: 'Go back without paying' }).click();
  await expect(credit).toContainText('Your purchase was not paid yet.');
  await expect(credit).toContainText('0 credits available');
  await credit.getByRole('button', { name: 'Pay now' }).click();
  await page.getByRole('button', { name: 'Pay', exact: true }).click();
  await expect(credit).toContainText('Your payment came in');
  expect(await ledgerOf(server, user)).toMatchObject([{ type: 'purchase', amount: credits }]);
  const payments = await server.call<{ data: object[] }>('GET', '/api/v1/payments', user.key);
  expect(payments.data).toMatchObject([{ status: 'completed', credits }]);
});

test('a declined card is told, and books nothing', async ({ page, server }) => {
  const user = await server.newUser();
  await openBilling(page, server, user);
  const credit = page.locator('#credits');
  await credit.getByRole('button', { name: /^Buy/ }).first().click();
  await page.getByRole('button', { name: 'Have the card declined' }).click();
  await page.goto(`${server.url}/billing`);
  await expect(credit).toContainText('The payment failed. No credit was booked.');
  await expect(credit).toContainText('0 credits available');
  expect(await ledgerOf(server, user)).toEqual([]);
});
