import { invoicesOf, newSubscriber, subscriptionOf, usageOf } from './support/subscriber.js';
import { expect, openBilling, test } from './support/test.js';
import { writtenDate } from './support/written.js';

test('a payment that failed is told with its last day, and is put right by way of the portal', async ({
  page,
  ownServer: server,
}) => {
  const user = await newSubscriber(server, 'student');
  await openBilling(page, server, user);
  const card = page.getByRole('region', { name: 'Your plan' });
  await card.getByRole('button', { name: 'Manage' }).click();
  await page.getByRole('button', { name: 'Use a card that is declined' }).click();
  await expect(page.getByText('and is declined')).toBeVisible();
  await page.getByRole('link', { name: 'Go back' }).click();
  await expect(card).toContainText('Active');

  await server.cli('clock', 'advance', '--by', '32d', '--reason', 'browser test');
  const due = await subscriptionOf(server, user);
  expect(due).toMatchObject({ status: 'past_due', tier: 'student' });
  await openBilling(page, server, user);
  const grace = writtenDate(due.grace_period_ends_at!);
  await expect(card).toContainText('Payment due');
  await expect(card).toContainText(`Your plan (Student) is kept until ${grace}.`);
  expect(await usageOf(server, user)).toMatchObject({ plan: 'student' });
  const [open] = await invoicesOf(server, user);
  expect(open).toMatchObject({ status: 'open', amount_remaining: 999 });
  const line = page.locator('#invoices').getByRole('row').filter({ hasText: open!.number });
  await expect(line.getByText(/^(Open|Past due)$/)).toBeVisible();
  await expect(line.getByRole('button', { name: `Pay ${open!.number}` })).toBeVisible();
  await expect(page.locator('#plan-compare')).toContainText('Another plan can be chosen when');

  await card.getByRole('button', { name: 'Fix payment' }).click();
  await page.getByRole('button', { name: 'Use a card that pays' }).click();
  await expect(page.getByText('Nothing is due.')).toBeVisible();
  await page.getByRole('link', { name: 'Go back' }).click();
  await expect(card.getByText('Active')).toBeVisible();
  await expect(line.getByText('Paid')).toBeVisible();
  await expect(line.getByRole('button', { name: /^Pay/ })).toHaveCount(0);
  expect(await subscriptionOf(server, user)).toMatchObject({ status: 'active', grace_period_ends_at: null });
  expect((await invoicesOf(server, user))[0]).toMatchObject({
    number: open!.number,
    status: 'paid',
    amount_paid: 999,
    amount_remaining: 0,
  });

  const opened = page.waitForEvent('popup');
  await line.getByRole('link', { name: `View ${open!.number}` }).click();
  const hosted = await opened;
  await expect(hosted.getByRole('heading', { name: `Invoice ${open!.number}` })).toBeVisible();
  await expect(hosted.getByText('It is paid.')).toBeVisible();
  const pdf = await page.request.get(
    (await line.getByRole('link', { name: `PDF ${open!.number}` }).getAttribute('href'))!,
  );
  expect(pdf.headers()['content-type']).toBe('application/pdf');
  expect((await pdf.body()).subarray(0, 5).toString()).toBe('%PDF-');
});

test('after the grace the limits are the free ones until the invoice is paid on its own page', async ({
  page,
  ownServer: server,
}) => {
  const user = await newSubscriber(server, 'student');
  const { url } = await server.call<{ url: string }>('POST', '/api/v1/billing/portal', user.key, {});
  await page.goto(url);
  await page.getByRole('button', { name: 'Use a card that is declined' }).click();
  await server.cli('clock', 'advance', '--by', '40d', '--reason', 'browser test');
  expect(await usageOf(server, user)).toMatchObject({ plan: 'free' });

  await page.clock.setFixedTime(new Date(Date.now() + 40 * 86_400_000));
  await openBilling(page, server, user);
  const card = page.getByRole('region', { name: 'Your plan' });
  await expect(card).toContainText('Payment overdue');
  await expect(card.locator('.figure')).toHaveText('Free');
  await expect(page.locator('#meters')).toContainText('0 of 10 used');

  await page.locator('#invoices').getByRole('button', { name: /^Pay/ }).click();
  await page.getByRole('button', { name: 'Pay', exact: true }).click();
  await expect(page.getByText('It is paid.')).toBeVisible();
  await openBilling(page, server, user);
  await expect(card.getByText('Active')).toBeVisible();
  await expect(card.locator('.figure')).toHaveText('Student');
  expect(await subscriptionOf(server, user)).toMatchObject({ status: 'active', tier: 'student' });
  expect(await usageOf(server, user)).toMatchObject({ plan: 'student' });
});
