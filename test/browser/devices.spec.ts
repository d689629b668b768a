import type { Page } from '@playwright/test';
import { expect, openBilling, test } from './support/test.js';

async function createKey(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name: 'New API key' }).click();
  const dialog = page.getByRole('dialog', { name: 'New API key' });
  await dialog.getByRole('textbox', { name: 'Name of the device or program' }).fill(name);
  await dialog.getByRole('button', { name: 'New API key' }).click();
}

test('a key is shown once, can be copied, works, and stops working when it is revoked', async ({
  page,
  context,
  server,
}) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: server.url });
  const user = await server.newUser('pro');
  await openBilling(page, server, user);
  await createKey(page, 'Office laptop');
  const shown = page.getByRole('dialog', { name: 'The key of “Office laptop”' });
  const key = await shown.getByRole('textbox', { name: 'API key' }).inputValue();
  await page.keyboard.press('Escape');
  await expect(shown).toBeVisible();
  await shown.getByRole('button', { name: 'Copy' }).click();
  await expect(shown.getByRole('button', { name: /Copied/ })).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(key);
  await shown.getByRole('button', { name: 'Close' }).click();
  await expect(shown).toHaveCount(0);
  await expect(page.getByRole('button', { name: 'New API key' })).toBeFocused();
  expect(await page.content()).not.toContain(key);
  expect(await server.ask('GET', '/api/v1/usage/current', key)).toMatchObject({ status: 200 });

  const devices = page.locator('#devices');
  await expect(devices.getByRole('row', { name: /Office laptop/ })).toContainText(key.slice(-4));
  await devices.getByRole('button', { name: 'Revoke Office laptop' }).click();
  const question = page.getByRole('dialog', { name: 'Revoke “Office laptop”?' });
  await question.getByRole('button', { name: 'Revoke' }).click();
  await expect(question).toHaveCount(0);
  await expect(devices.getByRole('button', { name: 'Revoke Office laptop' })).toHaveCount(0);
  await expect(devices.locator('summary')).toHaveText('Revoked keys (1)');
  expect(await server.ask('GET', '/api/v1/usage/current', key)).toMatchObject({ status: 401 });
});

test('a key more than the plan allows is refused with the numbers', async ({ page, server }) => {
  const user = await server.newUser();
  await openBilling(page, server, user);
  await expect(page.locator('#devices')).toContainText('1 of 1 in use');
  await createKey(page, 'One too many');
  const dialog = page.getByRole('dialog', { name: 'New API key' });
  await expect(dialog.getByRole('alert')).toContainText('1 of 1 keys of your plan are in use.');
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  const { data } = await server.call<{ data: object[] }>('GET', '/api/v1/devices', user.key);
  expect(data).toMatchObject([{ name: 'laptop', revoked_at: null }]);
});
