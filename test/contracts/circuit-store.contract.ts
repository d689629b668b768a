import type { CircuitStore } from '#application/gateway/circuit-store';
import { Circuit } from '#domain/providers/circuit';
import { later, NOW } from './given.js';

const MINUTE = 60_000;
const tripped = (until: Date, successes = 0): Circuit => new Circuit(0, [], until, successes, true);

export function circuitStoreContract(store: () => CircuitStore): void {
  const aKey = (): string => `openai/${crypto.randomUUID()}`;
  const kept = async (key: string): Promise<Circuit | null> => (await store().load()).get(key) ?? null;
  const claim = (key: string, now: Date): Promise<boolean> => store().claimProbe(key, now, later(now, 30_000));

  describe('CircuitStore', () => {
    it('keeps the pause and the probes of a circuit, to the millisecond, and no counts of failures', async () => {
      const [key, paused] = [aKey(), aKey()];
      const recent = [{ since: 1, successes: 2, failures: 3 }];
      await store().save(key, new Circuit(7, recent, later(NOW, 59_999), 1, true), NOW);
      await store().save(paused, new Circuit(1, recent, later(NOW, 1), 0, false), NOW);
      expect(await kept(key)).toEqual(new Circuit(0, [], later(NOW, 59_999), 1, true));
      expect(await kept(paused)).toEqual(new Circuit(0, [], later(NOW, 1), 0, false));
      expect(await kept(key)).toBeInstanceOf(Circuit);
    });

    it('keeps the longer of two pauses, whichever came first', async () => {
      const [short, long] = [tripped(later(NOW, MINUTE), 1), tripped(later(NOW, 2 * MINUTE))];
      for (const order of [
        [short, long],
        [long, short],
      ]) {
        const key = aKey();
        for (const circuit of order) await store().save(key, circuit, NOW);
        expect(await kept(key)).toEqual(long);
      }
    });

    it('keeps of one pause the further probing', async () => {
      const key = aKey();
      await store().save(key, tripped(NOW, 0), NOW);
      await store().save(key, tripped(NOW, 1), NOW);
      await store().save(key, tripped(NOW, 0), NOW);
      expect(await kept(key)).toEqual(tripped(NOW, 1));
    });

    it('forgets a circuit that closed, unless it is open again by then', async () => {
      const [halfOpen, reopened] = [aKey(), aKey()];
      await store().save(halfOpen, tripped(NOW), NOW);
      await store().save(reopened, tripped(later(NOW, 1)), NOW);
      for (const key of [halfOpen, reopened, aKey()]) await store().save(key, Circuit.closed, NOW);
      expect(await kept(halfOpen)).toBeNull();
      expect(await kept(reopened)).toEqual(tripped(later(NOW, 1)));
    });

    it('lets nobody probe what is open or closed', async () => {
      const key = aKey();
      expect(await claim(key, NOW)).toBe(false);
      await store().save(key, tripped(later(NOW, MINUTE)), NOW);
      expect(await claim(key, later(NOW, MINUTE - 1))).toBe(false);
      expect(await claim(key, later(NOW, MINUTE))).toBe(true);
      await store().save(key, Circuit.closed, later(NOW, MINUTE));
      expect(await claim(key, later(NOW, 10 * MINUTE))).toBe(false);
    });

    it('lets one of twenty probe at once', async () => {
      const key = aKey();
      await store().save(key, tripped(NOW), NOW);
      const claims = await Promise.all(Array.from({ length: 20 }, () => claim(key, NOW)));
      expect(claims.filter((claimed) => claimed)).toHaveLength(1);
    });

    it('lets the next one probe when the claim ran out, or its end was saved', async () => {
      const [lost, ended] = [aKey(), aKey()];
      for (const key of [lost, ended]) {
        await store().save(key, tripped(NOW), NOW);
        expect(await claim(key, NOW)).toBe(true);
      }
      expect(await claim(lost, later(NOW, 29_999))).toBe(false);
      expect(await claim(lost, later(NOW, 30_000))).toBe(true);
      expect(await claim(ended, later(NOW, 1))).toBe(false);
      await store().save(ended, tripped(NOW, 1), later(NOW, 1));
      expect(await claim(ended, later(NOW, 1))).toBe(true);
      expect(await kept(ended)).toEqual(tripped(NOW, 1));
    });
  });
}
