import type { BrowserUser, TestServer } from './support/server.js';
import { expect, openBilling, settled, test } from './support/test.js';

/** As "good" is defined for the largest paint and for shifts (web.dev/vitals), made stricter for a page this small. */
const LARGEST_PAINT_MS = 1000;
const MOST_SHIFT = 0.05;

/** A slow phone on a good line: a quarter of this machine's processor, 10 Mbit/s, 40 ms there and back. */
const CPU_SLOWDOWN = 4;
const LINE = { offline: false, latency: 40, downloadThroughput: 1_250_000, uploadThroughput: 1_250_000 };

const PLACES = { 'wide window': { width: 1280, height: 720 }, phone: { width: 360, height: 740 } } as const;

/** Who was stopped sees one section more, above all others. */
const USERS: Readonly<Record<string, (server: TestServer) => Promise<BrowserUser>>> = {
  'somebody who was never stopped': (server) => server.newUser('student'),
  'somebody who was stopped': async (server) => {
    const user = await server.newUser('free');
    const { status } = await server.ask('POST', '/api/v1/devices', user.key, { name: 'one too many' });
    expect(status).toBe(403);
    return user;
  },
};

for (const [place, viewport] of Object.entries(PLACES))
  for (const [who, newUser] of Object.entries(USERS)) {
    test(`the page is painted early and does not jump when its sections arrive: ${who}, ${place}`, async ({
      page,
      server,
    }) => {
      const user = await newUser(server);
      await page.setViewportSize(viewport);
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
        `${who}, ${place}: largest paint ${Math.round(seen.largest)} ms (${verdict} ${LARGEST_PAINT_MS}), layout shift ${seen.shift.toFixed(4)}`,
      );
      expect(seen.shift, `what moved: ${seen.moved.join(', ')}`).toBeLessThanOrEqual(MOST_SHIFT);
    });
  }

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
