import { expectFocusSeen, tabTo } from './support/keyboard.js';
import { ledgerOf, newSubscriber, subscriptionOf } from './support/subscriber.js';
import { expect, openBilling, test } from './support/test.js';

test('credit is bought by keyboard alone, and one always sees where one is', async ({ page, server }) => {
  const user = await server.newUser();
  await openBilling(page, server, user);
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'Skip to content' })).toBeFocused();
  await expectFocusSeen(page);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('main')).toBeFocused();
  await tabTo(page, page.locator('#credits').getByRole('button', { name: /^Buy/ }).first());
  await page.keyboard.press('Enter');

  await tabTo(page, page.getByRole('button', { name: 'Pay', exact: true }));
  await page.keyboard.press('Space');
  await expect(page.locator('#credits')).toContainText('Your payment came in');
  expect(await ledgerOf(server, user)).toMatchObject([{ type: 'purchase' }]);
});

test('a subscription is canceled by keyboard alone, and no dialogue loses the focus', async ({ page, server }) => {
  const user = await newSubscriber(server, 'pro');
  await openBilling(page, server, user);
  const card = page.getByRole('region', { name: 'Your plan' });
  const cancel = card.getByRole('button', { name: 'Cancel plan' });
  const dialog = page.getByRole('dialog', { name: 'Cancel Pro?' });
  await tabTo(page, cancel);
  await page.keyboard.press('Enter');
  await expect(dialog).toBeVisible();
  await expectFocusSeen(page);
  await page.keyboard.press('Escape');
  await expect(dialog).toHaveCount(0);
  await expect(cancel).toBeFocused();

  await page.keyboard.press('Space');
  await expect(dialog).toBeVisible();
  await tabTo(page, dialog.getByRole('button', { name: 'Cancel plan' }));
  await tabTo(page, dialog.getByRole('button', { name: 'Keep Pro' }), 'Shift+Tab');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await expect(dialog).toHaveCount(0);
  await expect(page.locator('#plan-card-title')).toBeFocused();
  expect(await subscriptionOf(server, user)).toMatchObject({ tier: 'pro', cancel_at_period_end: true });

  await tabTo(page, card.getByRole('button', { name: 'Reactivate' }));
  await page.keyboard.press('Enter');
  await expect(card.getByText('Active')).toBeVisible();
  await expectFocusSeen(page);
  expect(await subscriptionOf(server, user)).toMatchObject({ status: 'active', cancel_at_period_end: false });
});

test('a key is made and revoked by keyboard alone, and the focus goes on from there', async ({ page, server }) => {
  const user = await server.newUser('pro');
  await openBilling(page, server, user);
  const create = page.getByRole('button', { name: 'New API key' });
  await page.keyboard.press('Tab');
  await tabTo(page, create);
  await page.keyboard.press('Enter');
  await tabTo(page, page.getByRole('textbox', { name: 'Name of the device or program' }));
  await page.keyboard.type('Phone');
  await page.keyboard.press('Enter');
  const shown = page.getByRole('dialog', { name: 'The key of “Phone”' });
  await expect(shown).toBeVisible();
  await expectFocusSeen(page);
  await tabTo(page, shown.getByRole('button', { name: 'I have kept it' }));
  await page.keyboard.press('Enter');
  await expect(create).toBeFocused();

  const revoke = page.getByRole('button', { name: 'Revoke Phone' });
  await tabTo(page, revoke);
  await page.keyboard.press('Enter');
  const question = page.getByRole('dialog', { name: 'Revoke “Phone”?' });
  await page.keyboard.press('Escape');
  await expect(question).toHaveCount(0);
  await expect(revoke).toBeFocused();
  await page.keyboard.press('Enter');
  await tabTo(page, question.getByRole('button', { name: 'Revoke' }));
  await page.keyboard.press('Space');
  await expect(question).toHaveCount(0);
  await expect(revoke).toHaveCount(0);
  await expectFocusSeen(page);
});
