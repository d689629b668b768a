import { expect, openBilling, settled, test } from './support/test.js';

test('a link opens the page once, and takes its token out of the address', async ({ page, browser, server }) => {
  const user = await server.newUser();
  const url = await server.pageOf(user);
  await page.goto(url);
  await expect(page.getByRole('heading', { level: 1, name: 'Plan and billing' })).toBeVisible();
  await expect(page.getByText(user.email)).toBeVisible();
  expect(page.url()).toBe(`${server.url}/billing`);

  const stranger = await browser.newPage();
  await stranger.goto(url);
  await expect(stranger.getByRole('alert')).toContainText('This link was used already');
  await stranger.close();
});

test('the page stays signed in when it is loaded again, and not after signing out', async ({ page, server }) => {
  const user = await server.newUser();
  await openBilling(page, server, user);
  await page.reload();
  await expect(page.getByText(user.email)).toBeVisible();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page.getByRole('heading', { name: 'Please open this page again' })).toBeVisible();
  await page.reload();
  await expect(page.getByRole('heading', { name: 'Please open this page again' })).toBeVisible();
});

test('a new link that is opened where the page is already is taken, though only the fragment changes', async ({
  page,
  server,
}) => {
  const user = await server.newUser();
  await openBilling(page, server, user);
  const taken = page.waitForResponse((response) => response.url() === `${server.url}/billing/session`);
  await page.goto(await server.pageOf(user));
  expect((await taken).status()).toBe(200);
  await expect(page.getByText(user.email)).toBeVisible();
  await expect(page).toHaveURL(`${server.url}/billing`);
});

test('the way back from a page of another site finds the session', async ({ page, server }) => {
  await page.route('https://pay.example/**', (route) =>
    route.fulfill({ contentType: 'text/html', body: `<a href="${server.url}/billing?outcome=cancelled">Back</a>` }),
  );
  const user = await server.newUser();
  await openBilling(page, server, user);
  await page.goto('https://pay.example/');
  await page.getByRole('link', { name: 'Back' }).click();
  await expect(page.getByText(user.email)).toBeVisible();
});

test('after an hour the page says that it must be opened again', async ({ page, ownServer }) => {
  const user = await ownServer.newUser();
  await openBilling(page, ownServer, user);
  await ownServer.cli('clock', 'advance', '--by', '61m', '--reason', 'browser test');
  await page.reload();
  await expect(page.getByRole('heading', { name: 'Please open this page again' })).toBeVisible();
});

test('nothing comes from elsewhere, nothing breaks the policy, and no script of the page can read the cookie', async ({
  page,
  server,
}) => {
  const asked: string[] = [];
  const complaints: string[] = [];
  page.on('request', (request) => asked.push(new URL(request.url()).origin));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  await openBilling(page, server, await server.newUser('pro'));
  expect(new Set(asked)).toEqual(new Set([server.url]));
  expect(complaints).toEqual([]);
  expect(await page.evaluate(() => document.cookie)).toBe('');
});

test('every word is in the language that was chosen, also after loading again', async ({ page, server }) => {
  await openBilling(page, server, await server.newUser());
  await page.getByRole('combobox', { name: 'Language' }).selectOption('de');
  await expect(page.getByRole('heading', { level: 1, name: 'Tarif und Abrechnung' })).toBeVisible();
  await page.reload();
  await expect(page.getByRole('heading', { level: 1, name: 'Tarif und Abrechnung' })).toBeVisible();
  await expect(page.locator('html')).toHaveAttribute('lang', 'de');
});

test('a section that fails says so, leaves the others alone, and comes back by its button', async ({
  page,
  server,
}) => {
  const user = await server.newUser();
  await page.route('**/api/v1/billing/invoices*', (route) => route.abort());
  await openBilling(page, server, user);
  const invoices = page.locator('#invoices');
  await expect(invoices.getByRole('alert')).toContainText('The server cannot be reached');
  await expect(page.locator('#meters').getByRole('meter').first()).toBeVisible();
  await page.unroute('**/api/v1/billing/invoices*');
  await invoices.getByRole('button', { name: 'Try again' }).click();
  await expect(invoices.getByRole('alert')).toHaveCount(0);
});

test('a link of another account asks before it takes the place of the one that is open', async ({ page, server }) => {
  const [ada, stranger] = [await server.newUser(), await server.newUser()];
  await openBilling(page, server, ada);
  await page.goto(await server.pageOf(stranger));
  await expect(page.getByRole('heading', { level: 1 })).toContainText(`You are signed in as ${ada.email}`);
  await page.getByRole('button', { name: 'Stay with mine' }).click();
  await expect(page.getByText(ada.email)).toBeVisible();

  await page.goto(await server.pageOf(stranger));
  await page.getByRole('button', { name: 'Open the other account' }).click();
  await expect(page.getByText(stranger.email)).toBeVisible();
  expect(page.url()).toBe(`${server.url}/billing`);
});

test('an address alone is neither a frame nor Telegram', async ({ page, server }) => {
  const [ada, stranger] = [await server.newUser(), await server.newUser()];
  await openBilling(page, server, ada);
  const link = new URL(await server.pageOf(stranger));
  link.search = '?embed=1';
  await page.goto(link.href);
  await expect(page.getByRole('heading', { level: 1 })).toContainText('You are signed in as');
  await page.goto(`${server.url}/billing#tgWebAppData=user%3D1`);
  await settled(page);
  await expect(page.getByText(ada.email)).toBeVisible();
});
