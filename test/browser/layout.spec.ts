import type { Page } from '@playwright/test';
import { expectFocusSeen } from './support/keyboard.js';
import * as layout from './support/layout.js';
import { show, speak, test } from './support/stage.js';
import { STATES } from './support/states.js';
import { expect } from './support/test.js';

test.use({ contextOptions: { reducedMotion: 'reduce' }, bypassCSP: true, trace: 'off' });

/** 1280 px at 400 % of zoom are 320 px: what holds here holds there (WCAG 1.4.10). */
const NARROW = { width: 320, height: 800 };

/** WCAG 1.4.12: what readers may set must lose nothing. */
const SPACING =
  '* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important } p { margin-block-end: 2em !important }';

async function expectNothing(page: Page, what: () => readonly string[], when: string): Promise<void> {
  expect.soft(await page.evaluate(what), `${what.name}, ${when}`).toEqual([]);
}

test.describe('320 px are enough for every state in every language: nothing scrolls sideways, is cut off or too small', () => {
  for (const name of Object.keys(STATES)) {
    test(name, async ({ page, server, stage }) => {
      await page.setViewportSize(NARROW);
      await show(page, server, stage, name);
      await page.addStyleTag({ content: SPACING });
      const spacing = page.locator('style').last();
      for (const language of ['de', 'zh-Hant', 'en'] as const) {
        await speak(page, language);
        for (const media of ['not all', 'all']) {
          await spacing.evaluate((style, value) => style.setAttribute('media', value), media);
          const when = `${language}${media === 'all' ? ' spaced' : ''}`;
          await expectNothing(page, layout.sideways, when);
          await expectNothing(page, layout.cutOff, when);
          await expectNothing(page, layout.smallTargets, when);
        }
      }
      for (const width of [320, 1280]) {
        await page.setViewportSize({ width, height: 800 });
        await expectNothing(page, layout.badOrder, `${width}`);
        await expectNothing(page, layout.smallTargets, `${width}`);
      }
      await expectNothing(page, layout.badHeadings, name);
      await expectNothing(page, layout.badMeters, name);
      await expectNothing(page, layout.badTimes, name);
      await expectNothing(page, layout.badCharts, name);
    });
  }
});

test('read from right to left, the keyboard goes that way, and nothing scrolls sideways', async ({
  page,
  server,
  stage,
}) => {
  await show(page, server, stage, 'unfolded', '?dir=rtl');
  await expectNothing(page, layout.badOrder, 'rtl');
  await page.setViewportSize(NARROW);
  await expectNothing(page, layout.sideways, 'rtl');
  await expectNothing(page, layout.badOrder, 'rtl, narrow');
});

test('at each stop of the keyboard one sees where one is', async ({ page, server, stage }) => {
  await page.setViewportSize(NARROW);
  await show(page, server, stage, 'unfolded');
  const stops = await page.locator('button, a[href], input, select, summary').count();
  for (let stop = 1; stop < stops; stop += 1) {
    await page.keyboard.press('Tab');
    await expectFocusSeen(page);
    const isLast = await page.evaluate(() => document.activeElement?.closest('#devices tr:last-child') !== null);
    if (isLast) break;
  }
  await expect(page.locator('#devices :focus')).toHaveCount(1);
});

test('what changes is told: the page has its live region before anything is said, and faults are alerts', async ({
  page,
  server,
  stage,
}) => {
  await show(page, server, stage, 'failing');
  const regions = page.locator('.announcer[role="status"]');
  await expect(regions).toHaveCount(1);
  await expect(regions).toBeEmpty();
  const failed = await page.locator('.panel-problem').count();
  expect(failed).toBeGreaterThanOrEqual(8);
  await expect(page.locator('.panel-problem[role="alert"]')).toHaveCount(failed);
});

test('a dialogue has a live region of its own, since what lies under it is not read', async ({
  page,
  server,
  stage,
}) => {
  await show(page, server, stage, 'secret dialog');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog').locator('.announcer')).toHaveText(/Copy the key first/);
});

test('what is out of date is told as a status', async ({ page, server, stage }) => {
  await show(page, server, stage, 'stale');
  const notes = page.locator('.note-stale');
  expect(await notes.count()).toBe(await page.locator('.note-stale[role="status"]').count());
});
