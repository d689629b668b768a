import fc from 'fast-check';
import { CreditLedger } from '#application/credits/credit-ledger';
import type { UserId } from '#domain/accounts/user';
import { CreditAccount } from '#domain/credits/credit-account';
import { CREDIT_TRANSACTION_TYPES } from '#domain/credits/credit-transaction';
import { DomainException } from '#domain/shared/domain-exception';
import { UuidGenerator } from '#infrastructure/system/uuid-generator';
import { Given, NOW } from '#test/contracts/given';
import { type PostgresWorld, postgresWorld } from '#test/contracts/postgres-world';
import { ManualClock } from '#test/support/fakes/manual-clock';
import { SequentialIds } from '#test/support/fakes/sequential-ids';
import { type Book, type GrantIds, LedgerBook, PlainBook } from './book.js';
import { BROKEN_INVARIANTS, COUNT_OF_INVARIANTS, STORED_STATE } from './invariants.js';
import { type Operation, type Step, script } from './operations.js';
import { Settling } from './logged-settlement.js';
import { amountOf, type Deed, Past } from './past.js';
import { namesOf, type State, stateOf, telling } from './state.js';

/** A failure prints the seed, and so does success; this repeats it: SEED=… on the command line. */
const SEED = Number(process.env['SEED'] ?? Date.now() % 2_147_483_647);
const OPERATIONS = 200_000;
/** So many users act at a time. Each run is the life of one of them, so that a failure shrinks to one short story. */
const AT_A_TIME = 6;
/** A failure is told after this time, as short as it is by then. */
const SHRINKING_MS = 60_000;
/** Some two hundred operations. */
const STEPS_PER_BATCH = 20;

/** The rules know of no log. */
const NO_LOGS = { append: async () => true };

describe('the credit ledger, and the same rules in memory', () => {
  let world: PostgresWorld;
  const given = new Given(() => world);
  const ids = new UuidGenerator();
  const seen = {
    operations: 0,
    batches: 0,
    answers: new Map<string, number>(),
    settled: { atOnce: 0, byTheRules: 0 },
  };
  const finalStates = new Map<UserId, { readonly state: string; readonly grants: GrantIds }>();

  beforeAll(async () => (world = await postgresWorld(AT_A_TIME * 3)));
  afterAll(async () => {
    const { operations, batches, settled } = seen;
    const told = [...seen.answers].sort(([one], [other]) => (one < other ? -1 : 1)).map((pair) => pair.join(' '));
    console.log(
      `credits: ${operations.toLocaleString('en')} operations of ${finalStates.size} users, ${COUNT_OF_INVARIANTS} ` +
        `invariants after each of ${batches} batches, seed ${SEED}\n${told.join(', ')}\n` +
        `AI work: ${settled.atOnce} settled at once, ${settled.byTheRules} by the rules`,
    );
    await world?.close();
  });

  /** The life of one user, in the database and in the model. */
  async function live(steps: readonly Step[]): Promise<void> {
    const { id: userId } = await given.user();
    const { credits, transaction, aiLogs } = world;
    const clock = new ManualClock(NOW);
    const [stored, modelled]: [GrantIds, GrantIds] = [new Map(), new Map()];
    const settling = new Settling(world, clock, ids, seen.settled);
    const ledger = new LedgerBook(new CreditLedger(credits, transaction, clock, ids), userId, stored, settling);
    const model = new PlainBook(CreditAccount.empty(userId), clock, new SequentialIds(), modelled, NO_LOGS);
    const past = new Past();

    const doOn = async (book: Book, operation: Operation, among: readonly string[] | null = null): Promise<void> => {
      const deed = past.deedOf(operation, model.account, clock.now(), among);
      const answer = await outcomeOf(deed, book);
      insistOnSame(answer, await outcomeOf(deed, model), operation);
      count(operation.do, answer);
    };

    const doAtTheSameTime = async ({ amount, times }: Extract<Step, { how: 'at the same time' }>): Promise<void> => {
      const each = amountOf(amount, model.account);
      const deeds = Array.from({ length: times }, () => past.spent(each));
      const answers = await Promise.all(deeds.map(async (deed) => ({ deed, answer: await outcomeOf(deed, ledger) })));
      // Who was first is seen by the entries; equal amounts are refused only when nothing more of that amount can be spent.
      answers.sort((one, other) => one.answer.place - other.answer.place);
      for (const { deed, answer } of answers) {
        insistOnSame(answer, await outcomeOf(deed, model), { amount, times });
        count('spend at the same time', answer);
      }
    };

    const doAsOneDeed = (operations: readonly Operation[]): Promise<void> =>
      transaction.run(async () => {
        const among = [past.request(operations.length)];
        const opened = await credits.open(userId, among[0]!, clock.now());
        const bundle = new PlainBook(opened, clock, ids, stored, aiLogs);
        for (const operation of operations) {
          await doOn(bundle, operation, among);
          if (operation.do === 'hold') among.push(past.request(0));
        }
        await credits.save(bundle.account);
      });

    const doStep = async (step: Step): Promise<void> => {
      switch (step.how) {
        case 'one by one':
          for (const operation of step.operations) await doOn(ledger, operation);
          return;
        case 'in one transaction':
          return transaction.run(async () => {
            for (const operation of step.operations) await doOn(ledger, operation);
          });
        case 'as one deed':
          return doAsOneDeed(step.operations);
        case 'at the same time':
          return doAtTheSameTime(step);
        case 'wait':
          return clock.advance(step.minutes * 60);
      }
    };

    const check = async (): Promise<void> => {
      seen.batches++;
      await insistOnInvariants(userId);
      const state = await storedState(userId, stored);
      insistOnSame({ text: state }, { text: namesOf(modelled)(JSON.stringify(stateOf(model.account))) }, 'state');
      finalStates.set(userId, { state, grants: stored });
    };

    for (const [index, step] of steps.entries()) {
      await doStep(step);
      if (index % STEPS_PER_BATCH === STEPS_PER_BATCH - 1) await check();
    }
    await check();
  }

  const count = (name: string, { refusal }: Outcome): void => {
    seen.operations++;
    const key = `${name}: ${refusal ?? 'done'}`;
    seen.answers.set(key, (seen.answers.get(key) ?? 0) + 1);
  };

  const insistOnInvariants = async (userId: UserId): Promise<void> => {
    const broken: readonly unknown[] = await world.database.query(BROKEN_INVARIANTS, [userId]);
    if (broken.length > 0) throw new Error(`Broken: ${JSON.stringify(broken, null, 2)}`);
  };

  const storedState = async (userId: UserId, grants: GrantIds): Promise<string> => {
    const [row] = await world.database.query<[{ readonly state: State }]>(STORED_STATE, [userId]);
    return namesOf(grants)(JSON.stringify(row.state));
  };

  it('come to the same after any operations in any order, and keep every invariant', async () => {
    let failed: number | null = null;
    const lane = async (_: unknown, own: number): Promise<void> => {
      let done = 0;
      const property = fc.asyncProperty(script, async (steps) => {
        // The lane that failed shrinks its story; the others leave it the machine.
        if (failed !== null && failed !== own) return;
        await live(steps).catch((error: unknown) => {
          failed ??= own;
          if (failed === own) throw error;
        });
        done += operationsIn(steps);
      });
      for (let seed = SEED + own; failed === null && done < OPERATIONS / AT_A_TIME; seed += AT_A_TIME) {
        await fc.assert(property, { seed, numRuns: 10, unbiased: true, interruptAfterTimeLimit: SHRINKING_MS });
      }
    };
    const lanes = await Promise.allSettled(Array.from({ length: AT_A_TIME }, lane));
    for (const ended of lanes) if (ended.status === 'rejected') throw ended.reason;
    expect(seen.operations).toBeGreaterThanOrEqual(OPERATIONS);
  }, 600_000);

  it('have left each user as he was, whatever others did after him', async () => {
    const users = [...finalStates];
    const lane = async (_: unknown, first: number): Promise<void> => {
      for (let next = first; next < users.length; next += AT_A_TIME) {
        const [userId, { state, grants }] = users[next]!;
        await insistOnInvariants(userId);
        insistOnSame({ text: await storedState(userId, grants) }, { text: state }, userId);
      }
    };
    await Promise.all(Array.from({ length: AT_A_TIME }, lane));
  }, 120_000);

  it('have settled AI work at once as well as by the rules', () => {
    expect(Math.min(...Object.values(seen.settled))).toBeGreaterThan(100);
  });

  it('have made entries of every type', async () => {
    const types: readonly { type: string; entries: number }[] = await world.database.query(
      'select type, count(*)::int as entries from credit_transactions group by 1',
    );
    expect(types.map(({ type }) => type).sort()).toEqual([...CREDIT_TRANSACTION_TYPES].sort());
    expect(Math.min(...types.map(({ entries }) => entries))).toBeGreaterThan(100);
  });
});

function operationsIn(steps: readonly Step[]): number {
  const counts = steps.map((step) =>
    'operations' in step ? step.operations.length : 'times' in step ? step.times : 0,
  );
  return counts.reduce((sum, count) => sum + count, 0);
}

interface Outcome {
  /** What is compared. */
  readonly text: string;
  readonly refusal: string | null;
  /** That of the entry which was made; last what made none. */
  readonly place: number;
}

async function outcomeOf(deed: Deed, book: Book): Promise<Outcome> {
  try {
    const answer = await deed(book);
    const place = (answer as { readonly sequence?: number } | undefined)?.sequence ?? Infinity;
    return { text: telling(answer), refusal: null, place };
  } catch (error) {
    if (!(error instanceof DomainException)) throw error;
    const { code, message, facts } = error;
    return { text: telling({ code, message, facts }), refusal: code, place: Infinity };
  }
}

function insistOnSame(stored: Pick<Outcome, 'text'>, model: Pick<Outcome, 'text'>, of: unknown): void {
  if (stored.text === model.text) return;
  throw new Error(`${JSON.stringify(of)} came to\n${stored.text}\nin the database, and by the rules to\n${model.text}`);
}
