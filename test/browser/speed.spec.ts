import { expect, openBilling, settled, test } from './support/test.js';

/** As "good" is defined for the largest paint and for shifts (web.dev/vitals), made stricter for a page this small. */
const LARGEST_PAINT_MS = 1000;
const MOST_SHIFT = 0.05;

/** A slow phone on a good line: a quarter of this machine's processor, 10 Mbit/s, 40 ms there and back. */
const CPU_SLOWDOWN = 4;
const LINE = { offline: false, latency: 40, downloadThroughput: 1_250_000, uploadThroughput: 1_250_000 };

test('the page is painted early and does not jump when its sections arrive', async ({ page, server }) => {
  const user = await server.newUser('student');
  const developer = await page.context().newCDPSession(page);
  await developer.send('Emulation.setCPUThrottlingRate', { rate: CPU_SLOWDOWN });
  await developer.send('Network.enable');
  await developer.send('Network.emulateNetworkConditions', LINE);
  await page.addInitScript(() => {
    const seen = { largest: 0, shift: 0, moved: [] as string[] };
    Object.assign(globalThis, { seen });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) seen.largest = entry.startTime;
    }).observe({ type: 'largest-contentful-paint', buffered: true });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as unknown as LayoutShift[]) {
        if (entry.hadRecentInput) continue;
        seen.shift += entry.value;
        seen.moved.push(
          ...entry.sources.map(({ node }) => (node instanceof Element ? node.id || node.className : '?')),
        );
      }
    }).observe({ type: 'layout-shift', buffered: true });
  });
  await openBilling(page, server, user);
  await settled(page);
  const seen = await page.evaluate(() => (globalThis as unknown as { seen: Seen }).seen);
  const verdict = seen.largest <= LARGEST_PAINT_MS ? 'within' : 'beyond';
  console.log(
    `largest paint ${Math.round(seen.largest)} ms (${verdict} ${LARGEST_PAINT_MS}), layout shift ${seen.shift.toFixed(4)}`,
  );
  expect(seen.shift, `what moved: ${seen.moved.join(', ')}`).toBeLessThanOrEqual(MOST_SHIFT);
});

interface LayoutShift {
  readonly value: number;
  readonly hadRecentInput: boolean;
  readonly sources: readonly { readonly node: Node | null }[];
}

interface Seen {
  readonly largest: number;
  readonly shift: number;
  readonly moved: readonly string[];
}
