import { makeSessions, subscriptionOf, usageOf } from './support/subscriber.js';
import { expect, openBilling, test } from './support/test.js';

test('who is stopped is told why, with the numbers, takes the plan that is offered, and goes on', async ({
  page,
  server,
}) => {
  const user = await server.newUser();
  await makeSessions(server, user, 10);
  const session = (title: string) => server.ask('POST', '/api/v1/sessions', user.key, { title });
  expect(await session('One too many')).toMatchObject({ status: 403 });

  await openBilling(page, server, user);
  const why = page.getByRole('region', { name: 'Why was I blocked?' });
  await expect(why).toContainText('Sessions: 10 of 10 used');
  await expect(page.locator('#meters')).toContainText('Limit reached');
  await why.getByRole('button', { name: 'See the plan Student' }).click();
  const student = page.locator('#plan-compare-student');
  await expect(student).toBeFocused();
  await expect(student).toContainText('10 of 50');
  await student.getByRole('button', { name: 'Choose Student' }).click();

  await expect(page.getByRole('heading', { name: 'Student' })).toBeVisible();
  expect(await subscriptionOf(server, user)).toMatchObject({ status: 'inactive' });
  await page.getByRole('button', { name: 'Start the trial' }).click();

  const card = page.getByRole('region', { name: 'Your plan' });
  await expect(card).toContainText('Done. Your plan is Student.');
  await expect(card.locator('.figure')).toHaveText('Student');
  await expect(card).toContainText('Trial until');
  expect(page.url()).toBe(`${server.url}/billing`);
  await expect(why).toHaveCount(0);
  await expect(page.getByText('It would go through now.')).toBeVisible();
  await expect(page.locator('#meters')).toContainText('0 of 50 used');

  expect(await session('Not too many any more')).toMatchObject({ status: 200 });
  expect(await subscriptionOf(server, user)).toMatchObject({ tier: 'student', status: 'trialing' });
  expect(await usageOf(server, user)).toMatchObject({ plan: 'student', sessions: { used: 1, limit: 50 } });
});

test('who leaves the checkout without paying is back as before, and nothing has changed', async ({ page, server }) => {
  const user = await server.newUser();
  await openBilling(page, server, user, 'lang=en&theme=dark');
  await page.locator('#plan-compare').getByRole('radio', { name: 'Yearly' }).check({ force: true });
  await page.getByRole('button', { name: 'Choose Pro' }).click();
  await expect(page.getByText('$254.92')).toBeVisible();
  await page.getByRole('link', { name: 'Go back without subscribing' }).click();

  const card = page.getByRole('region', { name: 'Your plan' });
  await expect(card).toContainText('No subscription');
  await expect(card).not.toContainText('Waiting');
  expect(new URL(page.url()).search).toBe('?lang=en&theme=dark');
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  expect(await subscriptionOf(server, user)).toMatchObject({ tier: 'free', status: 'inactive' });
});
