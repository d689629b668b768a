import { invoicesOf, makeSessions, newSubscriber, subscriptionOf, usageOf } from './support/subscriber.js';
import { expect, openBilling, test } from './support/test.js';
import { writtenDate } from './support/written.js';

test('a larger plan shows its money and limits before the click, and keeps what was used', async ({ page, server }) => {
  const user = await newSubscriber(server, 'student');
  await makeSessions(server, user, 3);
  const before = await invoicesOf(server, user);
  await openBilling(page, server, user);
  const open = page.getByRole('button', { name: 'Change to Pro' });
  await open.click();
  const dialog = page.getByRole('dialog', { name: 'Change to Pro (Monthly)' });
  await expect(dialog).toContainText('It begins at once.');
  await expect(dialog.getByRole('row', { name: /^Sessions/ })).toHaveText(/Sessions\s*50\s*unlimited\s*3 .*fits/);
  await expect(dialog.getByRole('row', { name: /^Minutes/ })).toHaveText(/500\s*3,000/);
  const due = await dialog.getByRole('listitem').filter({ hasText: 'Due now' }).innerText();
  const confirm = dialog.getByRole('button', { name: /^Change and pay/ });
  const agreed = (await confirm.innerText()).replace('Change and pay ', '');
  expect(due).toContain(agreed);

  await page.keyboard.press('Escape');
  await expect(dialog).toHaveCount(0);
  await expect(open).toBeFocused();
  expect(await subscriptionOf(server, user)).toMatchObject({ tier: 'student' });
  expect(await invoicesOf(server, user)).toEqual(before);

  await open.click();
  await expect(confirm).toHaveText(`Change and pay ${agreed}`);
  await confirm.click();
  await expect(dialog).toHaveCount(0);
  const card = page.getByRole('region', { name: 'Your plan' });
  await expect(card.locator('.figure')).toHaveText('Pro');
  await expect(page.locator('#plan-card-title')).toBeFocused();
  await expect(page.locator('#meters')).toContainText('3 used, unlimited');

  expect(await subscriptionOf(server, user)).toMatchObject({ tier: 'pro', status: 'active' });
  expect(await usageOf(server, user)).toMatchObject({
    plan: 'pro',
    sessions: { used: 3, limit: 'unlimited' },
    minutes: { limit: 3000 },
  });
  const [charged, ...earlier] = await invoicesOf(server, user);
  expect(earlier).toEqual(before);
  expect(charged).toMatchObject({ status: 'paid', total: Math.round(Number(agreed.replace(/[^\d.]/g, '')) * 100) });
});

test('a smaller plan waits for the end of the period, is shown with its day, and can be dropped', async ({
  page,
  server,
}) => {
  const user = await newSubscriber(server, 'pro');
  const invoices = await invoicesOf(server, user);
  const { current_period_end: end } = await subscriptionOf(server, user);
  const date = writtenDate(end!);
  await openBilling(page, server, user);
  await page.getByRole('button', { name: 'Change to Student' }).click();
  const dialog = page.getByRole('dialog', { name: 'Change to Student (Monthly)' });
  await expect(dialog).toContainText(`You keep Pro until ${date}. Then you have Student.`);
  await expect(dialog).toContainText('Nothing is charged now.');
  await dialog.getByRole('button', { name: `Change on ${date}` }).click();

  const card = page.getByRole('region', { name: 'Your plan' });
  await expect(card).toContainText(`Student (Monthly) from ${date}`);
  await expect(card.locator('.figure')).toHaveText('Pro');
  await expect(page.locator('#plan-compare-student')).toContainText('Planned');
  expect(await subscriptionOf(server, user)).toMatchObject({
    tier: 'pro',
    pending_change: { plan_id: 'student', effective_at: end },
  });
  expect(await usageOf(server, user)).toMatchObject({ plan: 'pro' });

  await card.getByRole('button', { name: 'Drop the change' }).click();
  await expect(card).not.toContainText('Student (Monthly)');
  await expect(page.locator('#plan-compare-student')).not.toContainText('Planned');
  expect(await subscriptionOf(server, user)).toMatchObject({ tier: 'pro', status: 'active', pending_change: null });
  expect(await invoicesOf(server, user)).toEqual(invoices);
});

test('a subscription is canceled for the end of its period, taken back, and then ended at once', async ({
  page,
  server,
}) => {
  const user = await newSubscriber(server, 'pro');
  await openBilling(page, server, user);
  const card = page.getByRole('region', { name: 'Your plan' });
  const cancel = card.getByRole('button', { name: 'Cancel plan' });
  const dialog = page.getByRole('dialog', { name: 'Cancel Pro?' });
  const agree = dialog.getByRole('button', { name: 'Cancel plan' });

  await cancel.click();
  await expect(dialog).toContainText('Sessions: 10 instead of unlimited');
  await expect(dialog).toContainText('Nothing is paid back');
  await dialog.getByRole('button', { name: 'Keep Pro' }).click();
  await expect(cancel).toBeFocused();
  expect(await subscriptionOf(server, user)).toMatchObject({ cancel_at_period_end: false });

  await cancel.click();
  await agree.click();
  await expect(card).toContainText('Ends on');
  await expect(card.locator('.figure')).toHaveText('Pro');
  expect(await subscriptionOf(server, user)).toMatchObject({ tier: 'pro', cancel_at_period_end: true });
  expect(await usageOf(server, user)).toMatchObject({ plan: 'pro' });

  await card.getByRole('button', { name: 'Reactivate' }).click();
  await expect(card).toContainText('Active');
  expect(await subscriptionOf(server, user)).toMatchObject({ status: 'active', cancel_at_period_end: false });

  await cancel.click();
  await dialog.getByRole('radio', { name: /^Now/ }).check();
  await agree.click();
  await expect(card).toContainText('Your subscription has ended. You have Free now.');
  await expect(page.locator('#meters')).toContainText('0 of 10 used');
  expect(await subscriptionOf(server, user)).toMatchObject({ tier: 'free', status: 'canceled' });
  expect(await usageOf(server, user)).toMatchObject({ plan: 'free', sessions: { limit: 10 } });
});
