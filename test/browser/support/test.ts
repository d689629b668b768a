import AxeBuilder from '@axe-core/playwright';
import { test as plain, expect, type Page, type TestInfo } from '@playwright/test';
import { type BrowserUser, TestServer } from './server.js';

interface PerTest {
  /** A server whose clock the test may move. */
  readonly ownServer: TestServer;
}

interface PerWorker {
  readonly server: TestServer;
}

export const test = plain.extend<PerTest, PerWorker>({
  server: [
    async ({}, use) => {
      const server = await TestServer.start();
      await use(server);
      await server.stop();
    },
    { scope: 'worker', timeout: 120_000 },
  ],
  ownServer: [
    async ({}, use) => {
      const server = await TestServer.start();
      await use(server);
      await server.stop();
    },
    { timeout: 120_000 },
  ],
});

export { expect };

/** Opens the billing page as a user, and waits until no section is loading. */
export async function openBilling(page: Page, server: TestServer, user: BrowserUser, query = ''): Promise<void> {
  const url = new URL(await server.pageOf(user));
  url.search = query;
  await page.goto(url.href);
  await settled(page);
}

/** Every section shows what it has, or why it has nothing. */
export async function settled(page: Page): Promise<void> {
  await expect(page.locator('main section').first()).toBeVisible();
  await expect(page.locator('[aria-busy="true"]')).toHaveCount(0);
}

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

/**
 * What a checker finds of WCAG 2.2 AA, by rule and place; nothing, where all is well. Without frames in the page the
 * checker needs no second one to sum up in, which would take longer than checking.
 */
export async function violations(page: Page, only?: 'color-contrast'): Promise<readonly string[]> {
  const checker = new AxeBuilder({ page }).setLegacyMode(true);
  const { violations: found } = await (only ? checker.withRules(only) : checker.withTags(RULES)).analyze();
  return found.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')}: ${failureSummary}`),
  );
}

/** Kept beside the results, for people to look at. */
export async function picture(page: Page, info: TestInfo, name: string): Promise<void> {
  const path = new URL(`../../../test-results/screenshots/${name}.png`, import.meta.url).pathname;
  await page.screenshot({ path, fullPage: true });
  await info.attach(name, { path, contentType: 'image/png' });
}
