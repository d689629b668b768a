import { newSubscriber } from './support/subscriber.js';
import { show, speak, test } from './support/stage.js';
import { STATES } from './support/states.js';
import { expect, picture, violations } from './support/test.js';

test.use({ contextOptions: { reducedMotion: 'reduce' }, trace: 'off' });

const WIDTHS = [1280, 320] as const;

/** Kept for people to look at, in light and dark, wide and narrow. */
const PICTURED = new Set(['fresh', 'active', 'past due', 'blocked', 'change dialog']);

test.describe('every state can be read and used by everybody, in light and dark, wide and narrow', () => {
  for (const name of Object.keys(STATES)) {
    test(name, async ({ page, server, stage }, info) => {
      await show(page, server, stage, name);
      for (const width of WIDTHS) {
        await page.setViewportSize({ width, height: 800 });
        for (const colorScheme of ['light', 'dark'] as const) {
          await page.emulateMedia({ colorScheme });
          // Nothing but colours is another in the dark.
          const found = await violations(page, colorScheme === 'dark' ? 'color-contrast' : undefined);
          expect.soft(found, `${colorScheme} ${width}`).toEqual([]);
          if (PICTURED.has(name)) await picture(page, info, `${name.replaceAll(' ', '-')}-${colorScheme}-${width}`);
        }
      }
    });
  }
});

for (const name of ['unfolded', 'past due', 'overused']) {
  test(`${name}: in other languages, from right to left, and in forced colours`, async ({
    page,
    server,
    stage,
  }, info) => {
    await show(page, server, stage, name);
    for (const language of ['de', 'zh-Hant'] as const) {
      await speak(page, language);
      expect.soft(await violations(page), language).toEqual([]);
      if (name === 'overused') await picture(page, info, `${language}-1280`);
    }
    await page.emulateMedia({ forcedColors: 'active' });
    expect.soft(await violations(page), 'forced colours').toEqual([]);
    if (name === 'overused') await picture(page, info, 'forced-colours-1280');
    await page.emulateMedia({ forcedColors: null });
    await page.goto(`${server.url}/billing?dir=rtl&lang=en`);
    await expect(page.locator('#devices td').first()).toBeVisible();
    expect.soft(await violations(page), 'rtl').toEqual([]);
    if (name === 'overused') await picture(page, info, 'rtl-1280');
  });
}

test('what moves stands still for those who asked for that', async ({ page, server, stage }) => {
  await show(page, server, stage, 'loading');
  const motion = (): Promise<number> => page.evaluate(() => document.getAnimations().length);
  expect(await motion()).toBe(0);
  await page.emulateMedia({ reducedMotion: 'no-preference' });
  expect(await motion()).toBeGreaterThan(0);
});

test('operators: every tab and a user, in light and dark, wide and narrow', async ({ page, server }, info) => {
  const user = await newSubscriber(server, 'pro');
  await page.goto(await server.adminPage());
  // The token is in the fragment until it is exchanged.
  await expect(page.getByRole('heading', { name: 'Operations' })).toBeVisible();
  const views = {
    users: '#users',
    webhooks: '#webhooks',
    providers: '#providers',
    books: '#doctor',
    [`users/${user.id}`]: '#timeline',
  };
  for (const [view, section] of Object.entries(views)) {
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.evaluate((to) => (location.hash = `#/${to}`), view);
    await expect(page.locator(section)).toBeVisible();
    await expect(page.locator('[aria-busy="true"]')).toHaveCount(0);
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: 800 });
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        const mode = `${view.split('/').length > 1 ? 'user' : view}-${colorScheme}-${width}`;
        expect.soft(await violations(page, colorScheme === 'dark' ? 'color-contrast' : undefined), mode).toEqual([]);
        if (colorScheme === 'light') await picture(page, info, `admin-${mode}`);
      }
    }
  }
});
