import type { Page } from '@playwright/test';
import { expect, openBilling, test } from './support/test.js';

/** A deed after which every section asks again. */
async function revokeTheLaptop(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Revoke laptop' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
  await expect(page.getByRole('dialog')).toHaveCount(0);
}

test('a section that cannot be brought up to date keeps what it had, says as of when, and comes back', async ({
  page,
  server,
}) => {
  const user = await server.newUser('pro');
  await openBilling(page, server, user);
  const plans = page.locator('#plan-compare');
  await expect(plans).toContainText('Coaching school');
  await page.route('**/api/v1/plans/compare', (route) => route.abort());
  await revokeTheLaptop(page);

  const note = plans.getByRole('status');
  await expect(note).toContainText('Could not be brought up to date. This is as of');
  await expect(plans).toContainText('Coaching school');
  await expect(page.getByText('Could not be brought up to date')).toHaveCount(1);

  await note.getByRole('button', { name: 'Try again' }).click();
  await expect(note.getByRole('button', { name: 'Try again' })).not.toHaveAttribute('aria-busy', 'true');
  await expect(note).toBeVisible();
  await page.unroute('**/api/v1/plans/compare');
  await note.getByRole('button', { name: 'Try again' }).click();
  await expect(note).toHaveCount(0);
  await expect(plans).toContainText('Coaching school');
});

test('without a connection nothing that was shown is lost, and deeds say that nothing was done', async ({
  page,
  context,
  server,
}) => {
  const user = await server.newUser('pro');
  await openBilling(page, server, user);
  await context.setOffline(true);
  await page.locator('#credits').getByRole('button', { name: /^Buy/ }).first().click();
  await expect(page.locator('#credits').getByRole('alert')).toContainText('The server cannot be reached.');
  await page.getByRole('button', { name: 'Revoke laptop' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Revoke' }).click();
  await expect(dialog.getByRole('alert')).toContainText('The server cannot be reached.');

  await context.setOffline(false);
  await dialog.getByRole('button', { name: 'Revoke' }).click();
  await expect(dialog).toHaveCount(0);
  await expect(page.getByRole('button', { name: 'Revoke laptop' })).toHaveCount(0);
  await expect(page.getByText('Could not be brought up to date')).toHaveCount(0);
});
