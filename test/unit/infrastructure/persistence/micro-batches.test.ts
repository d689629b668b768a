import { jest } from '@jest/globals';
import { MicroBatches } from '#infrastructure/persistence/micro-batches';
import { Signal } from '#test/support/signal';

/** Everything that was due in this turn of the event loop has been sent. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Batches that wait to be answered, so that what comes meanwhile gathers. */
class Desk {
  readonly sent: string[][] = [];
  private readonly answers: Signal[] = [];
  /** What the next batches are refused with. */
  error: Error | null = null;
  readonly batches = new MicroBatches<string, string | null>(
    async (item) => {
      await this.work([item]);
      return item.startsWith('none') ? null : `alone ${item}`;
    },
    async (items) => {
      await this.work(items);
      if (this.error !== null) throw this.error;
      return new Map(items.filter((item) => !item.startsWith('misfit')).map((item) => [item, `done ${item}`]));
    },
  );

  private async work(items: readonly string[]): Promise<void> {
    const answer = new Signal();
    this.sent.push([...items]);
    this.answers.push(answer);
    await answer.given;
  }

  async answer(): Promise<void> {
    this.answers.shift()!.give();
    await turn();
    await turn();
  }
}

describe('MicroBatches', () => {
  afterEach(() => void jest.useRealTimers());

  it('does together what comes in one turn of the event loop, and answers each its own', async () => {
    const desk = new Desk();
    const asked = ['a', 'b', 'c'].map((item) => desk.batches.add(item, item));
    await turn();
    expect(desk.sent).toEqual([['a', 'b', 'c']]);
    await desk.answer();
    expect(await Promise.all(asked)).toEqual(['done a', 'done b', 'done c']);
  });

  it('does alone and at once what comes alone, and together after it what comes meanwhile', async () => {
    const desk = new Desk();
    const first = desk.batches.add('a', 'a');
    await turn();
    const others = ['b', 'c'].map((item) => desk.batches.add(item, item));
    await turn();
    expect(desk.sent).toEqual([['a']]);
    await desk.answer();
    expect(desk.sent).toEqual([['a'], ['b', 'c']]);
    await desk.answer();
    expect(await Promise.all([first, ...others])).toEqual(['alone a', 'done b', 'done c']);
  });

  it('makes a batch of 64 at most, those first who waited longest', async () => {
    const desk = new Desk();
    const items = Array.from({ length: 130 }, (_, n) => `item ${n}`);
    const asked = items.map((item) => desk.batches.add(item, item));
    for (let batch = 0; batch < 3; batch++) {
      await turn();
      await desk.answer();
    }
    expect(desk.sent).toEqual([items.slice(0, 64), items.slice(64, 128), items.slice(128)]);
    expect(await Promise.all(asked)).toEqual(items.map((item) => `done ${item}`));
  });

  it('has one of each owner in a batch, in their order, so that nobody waits for all of somebody else’s', async () => {
    const desk = new Desk();
    const asked = ['a1', 'a2', 'a3', 'b1'].map((item) => desk.batches.add(item[0]!, item));
    await turn();
    asked.push(desk.batches.add('c', 'c1'));
    for (let batch = 0; batch < 3; batch++) {
      await desk.answer();
      await turn();
    }
    expect(desk.sent).toEqual([['a1', 'b1'], ['a2', 'c1'], ['a3']]);
    expect(await Promise.all(asked)).toHaveLength(5);
  });

  it.each(['a', 'none'])('waits for one that is stuck (%s) no longer than 50 ms', async (item) => {
    jest.useFakeTimers({ doNotFake: ['setImmediate'] });
    const desk = new Desk();
    const stuck = desk.batches.add(item, item);
    await turn();
    const next = desk.batches.add('b', 'b');
    jest.advanceTimersByTime(49);
    await turn();
    expect(desk.sent).toEqual([[item]]);
    jest.advanceTimersByTime(1);
    await turn();
    expect(desk.sent).toEqual([[item], ['b']]);
    await desk.answer();
    await desk.answer();
    expect(await Promise.all([stuck, next])).toEqual([item === 'a' ? 'alone a' : null, 'alone b']);
  });

  it('has one batch at work again after one that was stuck has ended', async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate'] });
    const desk = new Desk();
    const asked = [desk.batches.add('a', 'a')];
    await turn();
    asked.push(desk.batches.add('b', 'b'));
    jest.advanceTimersByTime(50);
    await turn();
    asked.push(desk.batches.add('c', 'c'));
    await desk.answer();
    expect(desk.sent).toEqual([['a'], ['b']]);
    await desk.answer();
    expect(desk.sent).toEqual([['a'], ['b'], ['c']]);
    await desk.answer();
    expect(await Promise.all(asked)).toEqual(['alone a', 'alone b', 'alone c']);
  });

  it('does alone what could not be done with the others', async () => {
    const desk = new Desk();
    const asked = ['a', 'misfit', 'b'].map((item) => desk.batches.add(item, item));
    await turn();
    await desk.answer();
    expect(desk.sent).toEqual([['a', 'misfit', 'b'], ['misfit']]);
    await desk.answer();
    expect(await Promise.all(asked)).toEqual(['done a', 'alone misfit', 'done b']);
  });

  it.each(['23505', '23514', '22P05', '55P03'])(
    'does all alone when PostgreSQL refuses one of them (%s)',
    async (code) => {
      const desk = new Desk();
      desk.error = Object.assign(new Error('refused'), { code });
      const asked = ['a', 'b'].map((item) => desk.batches.add(item, item));
      await turn();
      await desk.answer();
      expect(desk.sent).toEqual([['a', 'b'], ['a'], ['b']]);
      await desk.answer();
      await desk.answer();
      expect(await Promise.all(asked)).toEqual(['alone a', 'alone b']);
    },
  );

  it.each([undefined, 'ECONNRESET', '57P01', '40001'])(
    'tells all what else went wrong (%s), and goes on',
    async (code) => {
      const desk = new Desk();
      desk.error = Object.assign(new Error('away'), { code });
      const asked = ['a', 'b'].map((item) => desk.batches.add(item, item));
      const told = Promise.allSettled(asked);
      await turn();
      await desk.answer();
      expect((await told).map((one) => one.status === 'rejected' && one.reason)).toEqual([desk.error, desk.error]);
      const next = desk.batches.add('a', 'a');
      await turn();
      await desk.answer();
      expect(await next).toBe('alone a');
    },
  );

  it('tells one that was done alone what went wrong with it, once', async () => {
    const refusal = Object.assign(new Error('refused'), { code: '23505' });
    const tried: string[] = [];
    const batches = new MicroBatches<string, string>(
      (item) => {
        tried.push(item);
        return Promise.reject(refusal);
      },
      () => Promise.resolve(new Map()),
    );
    await expect(batches.add('a', 'a')).rejects.toBe(refusal);
    expect(tried).toEqual(['a']);
  });
});
