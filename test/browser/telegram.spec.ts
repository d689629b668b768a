import { createHmac } from 'node:crypto';
import { expect, test as plain } from './support/test.js';
import { TestServer } from './support/server.js';

const BOT = '7000000001:test-token-of-no-bot-abcdefghijklmnop';
const TELEGRAM_USER = 424242;
const PAYING_USER = 434343;

const test = plain.extend<object, { readonly telegram: TestServer }>({
  telegram: [
    async ({}, use) => {
      const server = await TestServer.start({ TELEGRAM_BOT_TOKEN: BOT });
      await use(server);
      await server.stop();
    },
    { scope: 'worker', timeout: 120_000 },
  ],
});

/** As Telegram signs it (core.telegram.org/bots/webapps#validating-data-received-via-the-mini-app). */
function initData(userId: number): string {
  const fields = new URLSearchParams({
    auth_date: String(Math.floor(Date.now() / 1000)),
    query_id: 'AAHdF6IQAAAAAN0XohDhrOrc',
    user: JSON.stringify({ id: userId, first_name: 'Ada' }),
  });
  const text = [...fields]
    .map(([name, value]) => `${name}=${value}`)
    .sort()
    .join('\n');
  const key = createHmac('sha256', 'WebAppData').update(BOT).digest();
  fields.set('hash', createHmac('sha256', key).update(text).digest('hex'));
  return fields.toString();
}

const NIGHT = { bg_color: '#17212b', secondary_bg_color: '#232e3c', text_color: '#f5f5f5', hint_color: '#708499' };

function miniApp(server: TestServer, userId: number): string {
  const launch = new URLSearchParams({
    tgWebAppData: initData(userId),
    tgWebAppVersion: '9.0',
    tgWebAppPlatform: 'android',
    tgWebAppThemeParams: JSON.stringify(NIGHT),
  });
  return `${server.url}/billing#${launch.toString()}`;
}

interface Played {
  readonly said: [string, Record<string, unknown>][];
  readonly Telegram: { readonly WebView: { receiveEvent(type: string, data: object): void } };
}

/** Plays Telegram's program for Android. */
function playTelegram(): void {
  const said: [string, unknown][] = [];
  const postEvent = (type: string, data: string): void => void said.push([type, JSON.parse(data)]);
  Object.assign(globalThis, { said, TelegramWebviewProxy: { postEvent } });
}

test('a Mini App signs in by what Telegram signed, and looks and opens as Telegram says', async ({
  page,
  telegram,
}) => {
  const user = await telegram.newUser('pro');
  await telegram.call('PUT', `/api/v1/admin/users/${user.id}/telegram`, telegram.adminKey, {
    telegram_user_id: TELEGRAM_USER,
    reason: 'browser test',
  });
  await page.addInitScript(playTelegram);
  await page.goto(miniApp(telegram, TELEGRAM_USER));
  await expect(page.getByText(user.email)).toBeVisible();
  const said = () => page.evaluate(() => (globalThis as unknown as Played).said);
  const types = (await said()).map(([type]) => type);
  expect(types).toEqual(expect.arrayContaining(['web_app_ready', 'web_app_expand', 'web_app_request_safe_area']));

  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  expect(await ground()).toBe('rgb(35, 46, 60)');
  const hear = (type: string, data: object) =>
    page.evaluate(([name, facts]) => (globalThis as unknown as Played).Telegram.WebView.receiveEvent(name, facts), [
      type,
      data,
    ] as const);
  await hear('theme_changed', { theme_params: { bg_color: '#ffffff', secondary_bg_color: '#f0f0f0' } });
  expect(await ground()).toBe('rgb(240, 240, 240)');
  await hear('safe_area_changed', { top: 40, bottom: 10, left: 0, right: 0 });
  await hear('content_safe_area_changed', { top: 6, bottom: 0, left: 0, right: 0 });
  expect(await page.evaluate(() => getComputedStyle(document.body).paddingTop)).toBe('46px');
  await hear('viewport_changed', { height: 700, is_expanded: true, is_state_stable: true });
  expect(await page.evaluate(() => getComputedStyle(document.body).minBlockSize)).toBe('700px');

  await page.getByRole('button', { name: 'New API key' }).click();
  await expect.poll(async () => (await said()).at(-1)).toEqual(['web_app_setup_back_button', { is_visible: true }]);
  await hear('back_button_pressed', {});
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await expect.poll(async () => (await said()).at(-1)).toEqual(['web_app_setup_back_button', { is_visible: false }]);

  await page.evaluate(() => {
    const link = Object.assign(document.createElement('a'), { href: 'https://pay.example/1', textContent: 'Pay' });
    document.querySelector('main')!.append(link);
  });
  await page.getByRole('link', { name: 'Pay' }).click();
  expect((await said()).at(-1)).toEqual(['web_app_open_link', { url: 'https://pay.example/1' }]);
  expect(await page.context().cookies()).toEqual([]);
});

test('a plan is paid for in the browser that Telegram opens, and the Mini App says so when it is seen again', async ({
  page,
  telegram,
}) => {
  const user = await telegram.newUser();
  await telegram.call('PUT', `/api/v1/admin/users/${user.id}/telegram`, telegram.adminKey, {
    telegram_user_id: PAYING_USER,
    reason: 'browser test',
  });
  await page.addInitScript(playTelegram);
  await page.goto(miniApp(telegram, PAYING_USER));
  await page.getByRole('button', { name: 'Choose Student' }).click();
  const asked = () => page.evaluate(() => (globalThis as unknown as Played).said.at(-1)!);
  await expect.poll(async () => (await asked())[0]).toBe('web_app_open_link');
  const [, { url }] = await asked();
  expect(url).toContain(`${telegram.url}/sandbox/subscribe/`);
  await telegram.press(`${String(url)}/pay`);
  await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
  const card = page.getByRole('region', { name: 'Your plan' });
  await expect(card).toContainText('Done. Your plan is Student.');
  await expect(card.getByText('Trial until')).toBeVisible();
});

test('somebody whom no operator linked is told the number to send', async ({ page, telegram }) => {
  await page.addInitScript(playTelegram);
  await page.goto(miniApp(telegram, 515151));
  await expect(page.getByRole('alert')).toContainText('515151');
});

test('who is not in Telegram does not load what only Telegram needs', async ({ page, telegram }) => {
  const asked: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  await page.goto(await telegram.pageOf(await telegram.newUser()));
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  expect(asked.filter((url) => url.includes('/entry-'))).toEqual([]);
});
