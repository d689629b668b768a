import { jest } from '@jest/globals';
import type { CreditAccount } from '#domain/credits/credit-account';
import type { CreditHold } from '#domain/credits/credit-hold';
import type { HeldRequest } from '#application/gateway/ai-holds';
import { BudgetVerification } from '#application/budgets/budget-verification';
import type { User } from '#domain/accounts/user';
import { budgetOf } from '#domain/budgets/budget';
import type { BudgetDemand } from '#domain/budgets/budget-ledger';
import { BudgetRules } from '#domain/budgets/budget-rules';
import type { AiUsageLog } from '#domain/providers/ai-usage-log';
import { SqlBudgetFindings } from '#infrastructure/budgets/sql-budget-findings';
import { SqlAiHolds } from '#infrastructure/gateway/sql-ai-holds';
import { SqlAiUsageLogRepository } from '#infrastructure/gateway/sql-ai-usage-log-repository';
import { TypeOrmTransaction } from '#infrastructure/persistence/typeorm-transaction';
import { budgetAs } from '#test/contracts/budget-life';
import { GivenCredit } from '#test/contracts/given-credit';
import { newId, NOW } from '#test/contracts/given';
import { type PostgresWorld, postgresWorld } from '#test/contracts/postgres-world';
import { BROKEN_INVARIANTS } from '#test/integration/credits/invariants';
import { anAiUsageLog } from '#test/support/builders/ai-usage-logs';
import { AMPLE_BUDGETS } from '#test/support/builders/budgets';
import { aCredit, aCreditHold, aSettlement, micros, occasion, reopened } from '#test/support/builders/credits';

const USERS = 24;

describe('requests of several users at once', () => {
  let world: PostgresWorld;
  let database: TypeOrmTransaction;
  let holds: SqlAiHolds;
  let logs: SqlAiUsageLogRepository;
  const { opened, done, holder } = new GivenCredit(() => world);

  beforeAll(async () => {
    world = await postgresWorld(40);
    database = new TypeOrmTransaction(world.database);
    holds = new SqlAiHolds(database, AMPLE_BUDGETS);
    logs = new SqlAiUsageLogRepository(database, AMPLE_BUDGETS);
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    const users: { user_id: string }[] = await world.database.query('select user_id from credit_accounts');
    for (const { user_id: id } of users) expect(await world.database.query(BROKEN_INVARIANTS, [id])).toEqual([]);
    const { findings } = await new BudgetVerification(new SqlBudgetFindings(database)).execute(null);
    expect(findings).toEqual([]);
  });
  afterAll(() => world.close());

  const place = (hold: CreditHold, cost = 1000): Promise<HeldRequest | null> => {
    const { userId, requestId, placedAt: at, expiresAt } = hold;
    return holds.placeAtOnce(hold, false, {
      userId,
      requestId,
      cost: micros(cost),
      at,
      expiresAt,
    } satisfies BudgetDemand);
  };

  const settle = (user: User, requestId: string, cost: number, of: Partial<AiUsageLog> = {}): Promise<boolean> => {
    const entry = anAiUsageLog(user.id, requestId, {
      cost: micros(cost),
      providerCost: micros(cost),
      startedAt: NOW,
      ...of,
    });
    return logs.settleAtOnce(entry, aSettlement(requestId, cost), occasion(NOW));
  };

  /** With 10 000, of whom both budgets have been looked at: whoever comes first must. */
  const known = async (count: number): Promise<readonly User[]> => {
    const users = await Promise.all(Array.from({ length: count }, () => holder(aCredit(10_000))));
    for (const user of users) {
      const hold = aCreditHold(user.id, 1, { placedAt: NOW });
      await place(hold, 1);
      await settle(user, hold.requestId, 0);
    }
    return users;
  };

  /** The names of all statements that are sent from now on. */
  const statements = (): string[] => {
    const sent: string[] = [];
    const { prepared } = TypeOrmTransaction.prototype;
    jest.spyOn(database, 'prepared').mockImplementation((statement, values) => {
      sent.push(statement.name);
      return prepared.call(database, statement, values);
    });
    return sent;
  };

  const accounts = (users: readonly User[]): Promise<readonly CreditAccount[]> =>
    Promise.all(users.map((user) => opened(user)));

  const usedOf = async (user: User): Promise<readonly [string, string]> => {
    const rows: { used: string; held: string }[] = await world.database.query(
      'select sum(used_micros)::text as used, sum(held_micros)::text as held from budget_periods where budget_id = $1',
      [budgetOf(user.id)],
    );
    return [rows[0]!.used, rows[0]!.held];
  };

  it('are held for, and settled, by one statement each, as the rules say of each alone', async () => {
    const users = await known(USERS);
    const before = await accounts(users);
    const sent = statements();
    const wanted = users.map((user, n) => aCreditHold(user.id, 100 + n, { placedAt: NOW, metadata: { n } }));
    const placed = await Promise.all(wanted.map((hold, n) => place(hold, 200 + n)));
    expect(sent).toEqual(['hold_together']);
    const held = before.map((account, n) => account.heldFor(wanted[n]!, occasion(NOW)));
    const now = await Promise.all(users.map((user, n) => opened(user, { requestId: wanted[n]!.requestId })));
    expect(now).toEqual(held.map(reopened));
    placed.forEach((one, n) => {
      expect(one).toEqual({ level: 'green', hold: held[n]!.holds.find(({ id }) => id === wanted[n]!.id) });
    });
    for (const [n, user] of users.entries()) expect(await usedOf(user)).toEqual(['0', String(200 + n)]);

    const [costs, ids] = [users.map((_, n) => n * 4), users.map(() => newId<'CreditTransaction'>())];
    const found = await Promise.all(users.map((user, n) => opened(user, { requestId: wanted[n]!.requestId })));
    sent.length = 0;
    const settled = await Promise.all(
      users.map((user, n) => {
        const { requestId } = wanted[n]!;
        const cost = micros(costs[n]!);
        const entry = anAiUsageLog(user.id, requestId, { cost, providerCost: cost, startedAt: NOW });
        return logs.settleAtOnce(
          entry,
          aSettlement(requestId, costs[n]!),
          occasion(NOW, () => ids[n]!),
        );
      }),
    );
    expect(settled).toEqual(users.map(() => true));
    expect(sent).toEqual(['settle_together']);
    const expected = found.map((account, n) => {
      return account.settled(
        aSettlement(wanted[n]!.requestId, costs[n]!),
        occasion(NOW, () => ids[n]!),
      );
    });
    const after = await Promise.all(users.map((user, n) => opened(user, { requestId: wanted[n]!.requestId })));
    expect(after).toEqual(expected.map(reopened));
    for (const [n, user] of users.entries()) {
      const entry = await world.credits.findTransaction(user.id, `hold:${wanted[n]!.requestId}`);
      expect(entry).toEqual(n === 0 ? null : expected[n]!.entries.at(-1));
      expect(await usedOf(user)).toEqual([String(costs[n]), '0']);
    }
  });

  it('are decided alone where they do not fit, and only those: too little credit, a budget, a request that is known', async () => {
    const users = await known(5);
    const [poor, spent, again, ...fine] = users as [User, User, User, ...User[]];
    const rules = { cadence: 'monthly', customDays: null, anchor: null } as const;
    const budget = budgetAs(budgetOf(spent.id), { limit: 100, thresholds: [50, 75, 90], mode: 'block' }, rules);
    await world.budgetBooks(AMPLE_BUDGETS).configure(budget);
    const first = aCreditHold(spent.id, 1, { placedAt: NOW });
    await place(first, 1);
    const before = aCreditHold(again.id, 5, { placedAt: NOW });
    await place(before);
    const sent = statements();
    const results = await Promise.allSettled([
      place(aCreditHold(poor.id, 10_001, { placedAt: NOW })),
      place(aCreditHold(spent.id, 10, { placedAt: NOW })),
      place(aCreditHold(again.id, 5, { placedAt: NOW, requestId: before.requestId })),
      ...fine.map((user) => place(aCreditHold(user.id, 10, { placedAt: NOW }))),
    ]);
    expect(results.map((one) => (one.status === 'fulfilled' ? (one.value?.level ?? null) : one.reason.code))).toEqual([
      'insufficient_credits',
      'budget_exceeded',
      null,
      'green',
      'green',
    ]);
    expect(sent).toEqual(['hold_together', ...Array.from({ length: 3 }, () => 'hold_credit_within_budget')]);
    const held = (await accounts(users)).map((account) => account.held.micros);
    expect(held).toEqual([0n, 1n, 5n, 10n, 10n]);
  });

  it('are all decided alone when PostgreSQL can keep the text of one of them nowhere, and only that one is refused', async () => {
    const users = await known(3);
    const wanted = users.map(({ id }, n) =>
      aCreditHold(id, 5, { placedAt: NOW, description: n === 1 ? 'a \0 b' : 'a b' }),
    );
    const results = await Promise.allSettled(wanted.map((hold) => place(hold)));
    expect(results.map((one) => (one.status === 'fulfilled' ? one.value?.level : one.reason.code))).toEqual([
      'green',
      '22P05',
      'green',
    ]);
    expect((await accounts(users)).map(({ held }) => held.micros)).toEqual([5n, 0n, 5n]);
  });

  /** Keeps what `sql` locks until it is told. */
  const locked = async (sql: string, values: readonly unknown[], during: () => Promise<void>): Promise<void> => {
    const keeper = world.database.createQueryRunner();
    await keeper.startTransaction();
    await keeper.query(sql, [...values]);
    try {
      await during();
    } finally {
      await keeper.rollbackTransaction();
      await keeper.release();
    }
  };

  it.each([
    ['account', 'select from credit_accounts where user_id = $1 for update'],
    ['budget', 'select from budget_periods where budget_id = $1 for update'],
  ])('wait for nobody whose %s is busy, who comes after it alone', async (_, lock) => {
    const [busy, ...others] = (await known(5)) as [User, ...User[]];
    const hold = aCreditHold(busy.id, 10, { placedAt: NOW });
    const sent = statements();
    let waiting!: Promise<HeldRequest | null>;
    let later!: Promise<boolean>;
    await locked(lock, [busy.id], async () => {
      waiting = place(hold);
      const wanted = others.map((user) => aCreditHold(user.id, 10, { placedAt: NOW }));
      for (const placed of await Promise.all(wanted.map((one) => place(one)))) expect(placed).not.toBeNull();
      const settled = others.map((user, n) => settle(user, wanted[n]!.requestId, 5));
      expect(await Promise.all(settled)).toEqual(others.map(() => true));
    });
    expect((await waiting)!.hold.id).toBe(hold.id);
    expect(sent).toEqual(['hold_together', 'hold_credit_within_budget', 'settle_together']);
    sent.length = 0;
    await locked(lock, [busy.id], async () => {
      const settling = settle(busy, hold.requestId, 5);
      const next = others.map((user) => place(aCreditHold(user.id, 10, { placedAt: NOW })));
      for (const placed of await Promise.all(next)) expect(placed).not.toBeNull();
      later = settling;
    });
    expect(await later).toBe(true);
    expect(sent.filter((name) => name === 'settle_ai_request')).toHaveLength(1);
    expect(sent).not.toContain('hold_credit_within_budget');
    expect((await opened(busy)).balance.micros).toBe(9_995n);
  });

  it('wait a quarter of a second at most for a part of the global budget that somebody keeps, and go on without it', async () => {
    const users = await known(16);
    const slotOf = ({ id }: User): number => parseInt(id.slice(-2), 16) % 8;
    const kept = slotOf(users[0]!);
    const [waiting, free] = [
      users.filter((user) => slotOf(user) === kept),
      users.filter((user) => slotOf(user) !== kept),
    ];
    let last!: Promise<readonly (HeldRequest | null)[]>;
    const lock = `select from budget_periods where budget_id = '00000000-0000-0000-0000-000000000000' and slot = $1 for update`;
    await locked(lock, [kept], async () => {
      const all = new Map(users.map((user) => [user, place(aCreditHold(user.id, 10, { placedAt: NOW }))]));
      for (const placed of await Promise.all(free.map((user) => all.get(user)!))) expect(placed).not.toBeNull();
      last = Promise.all(waiting.map((user) => all.get(user)!));
    });
    for (const placed of await last) expect(placed).not.toBeNull();
    expect((await accounts(users)).map(({ held }) => held.micros)).toEqual(users.map(() => 10n));
  });

  /** What `change` makes of the global budget is committed when a batch waits for it. */
  const changedMeanwhile = async (change: string, values: readonly unknown[], asked: () => void): Promise<void> => {
    const other = world.database.createQueryRunner();
    await other.startTransaction();
    await other.query(
      `update budget_periods set ${change}
        where budget_id = '00000000-0000-0000-0000-000000000000' and period_start <= $1 and period_end > $1`,
      [NOW, ...values],
    );
    asked();
    const waiting = `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
    while ((await world.database.query<unknown[]>(waiting)).length === 0);
    await other.commitTransaction();
    await other.release();
  };

  it.each([
    {
      deed: 'hold',
      change: 'period_end = $2',
      values: [new Date(NOW.getTime() + 1000)],
      alone: null,
      used: ['0', '1000'],
    },
    {
      deed: 'settle',
      change: 'period_end = $2',
      values: [new Date(NOW.getTime() + 1000)],
      alone: null,
      used: ['50', '0'],
    },
    { deed: 'hold', change: 'free_micros = 0', values: [], alone: 'hold_credit_within_budget', used: ['0', '1000'] },
    { deed: 'settle', change: 'watch_micros = 0', values: [], alone: 'settle_ai_request', used: ['50', '0'] },
  ])('find the global budget as it is when their turn comes: $deed, $change', async (kind) => {
    const users = await known(3);
    const wanted = users.map((user) => aCreditHold(user.id, 100, { placedAt: NOW }));
    if (kind.deed === 'settle') await Promise.all(wanted.map((hold) => place(hold)));
    const sent = statements();
    let asked: readonly Promise<unknown>[] = [];
    await changedMeanwhile(kind.change, kind.values, () => {
      asked = wanted.map((hold, n) => (kind.deed === 'hold' ? place(hold) : settle(users[n]!, hold.requestId, 50)));
    });
    for (const one of await Promise.all(asked)) expect(one).toBeTruthy();
    expect(sent).toEqual([`${kind.deed}_together`, ...(kind.alone ? users.map(() => kind.alone) : [])]);
    for (const user of users) expect(await usedOf(user)).toEqual(kind.used);
  });

  it('hold exactly as much of the global budget as there is, however many come at once to two processes', async () => {
    const expiresAt = new Date(Date.UTC(2040, 0));
    const users = await Promise.all(Array.from({ length: USERS }, () => holder(aCredit(10_000))));
    const [cost, padded] = [1000, 1100];
    const seen = { together: 0, refused: 0 };
    for (let run = 1; run <= 10; run++) {
      const placedAt = new Date(Date.UTC(2030, run, 5, 12));
      const fit = USERS - run * 2;
      // A micro each beside it: whoever comes first in a month must look.
      const rules = new BudgetRules(micros(USERS + (fit - 1) * cost + padded), AMPLE_BUDGETS.planLimits, micros(0));
      const processes = [new SqlAiHolds(database, rules), new SqlAiHolds(database, rules)] as const;
      const asked = (most: number): Promise<HeldRequest | null>[] =>
        users.map(({ id: userId }, n) => {
          const hold = aCreditHold(userId, 1, { placedAt, expiresAt });
          const demand = { userId, requestId: hold.requestId, cost: micros(most), at: placedAt, expiresAt };
          return processes[n % 2]!.placeAtOnce(hold, false, demand);
        });
      for (const one of await Promise.all(asked(1))) expect(one).not.toBeNull();
      const sent = statements();
      const results = await Promise.allSettled(asked(cost));
      jest.restoreAllMocks();
      const held = results.filter((one) => one.status === 'fulfilled' && one.value !== null);
      expect(held).toHaveLength(fit);
      const refused = results.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
      expect(refused).toHaveLength(USERS - fit);
      for (const refusal of refused) expect(refusal).toMatchObject({ code: 'budget_exceeded', scope: 'global' });
      seen.refused += refused.length;
      seen.together += USERS - sent.filter((name) => name === 'hold_credit_within_budget').length;
    }
    expect(seen.refused).toBe(110);
    expect(seen.together).toBeGreaterThan(0);
  });

  const OF_USER = 'budget_id = $1';
  const OF_ALL = `budget_id = '00000000-0000-0000-0000-000000000000'`;
  const OF_ALL_AND_USER = `${OF_ALL} and slot = budget_slot($1)`;
  const periods = (change: string, whose: string): string =>
    `update budget_periods set ${change} where ${whose} and $1::uuid is not null and period_start <= $2 and period_end > $2`;
  const account = (change: string): string =>
    `update credit_accounts set ${change} where user_id = $1 and $2::timestamptz is not null`;

  it.each([
    ['whose credit must be looked at', account('alarm_at = $2'), 1, null],
    ['whose budget must be looked at', periods('alarm_at = $2', OF_USER), 1, 'green'],
    ['whose budget has no room for so dear a request', periods('ceiling_micros = 1000', OF_USER), 1, 'green'],
    ['whose budget was reckoned by other limits', periods(`rules = 'others'`, OF_USER), 1, 'green'],
    ['for whom the global budget must be looked at', periods('alarm_at = $2', OF_ALL), 3, 'green'],
    ['for whom the global budget has no room', periods('free_micros = 1099', OF_ALL), 3, 'green'],
    ['for whom it has no room for so dear a request', periods('ceiling_micros = 1000', OF_ALL), 3, 'green'],
    ['for whom it was reckoned by other limits', periods(`rules = 'others'`, OF_ALL), 3, 'green'],
  ])('are held for alone: %s', async (_, change, alone, level) => {
    const users = (await known(3)) as [User, User, User];
    await world.database.query(change, [users[0].id, NOW]);
    const sent = statements();
    const placed = await Promise.all(users.map(({ id }) => place(aCreditHold(id, 10, { placedAt: NOW }))));
    expect(placed.map((one) => one?.level ?? null)).toEqual([level, 'green', 'green']);
    expect(sent).toEqual(['hold_together', ...Array.from({ length: alone }, () => 'hold_credit_within_budget')]);
  });

  const countedNoMore = (flag: string, whose: string): string => `
    with gone as (update budget_holds set ${flag} = false where user_id = $1)
    ${periods('held_micros = held_micros - 1000, free_micros = free_micros + 1000', whose)}`;

  it.each([
    { who: 'whose credit must be looked at', change: account('alarm_at = $2'), isDone: false },
    { who: 'who owes something', change: account('debt_micros = 1'), undo: account('debt_micros = 0'), isDone: false },
    {
      who: 'whose hold ran out',
      change: 'update credit_holds set expires_at = $2 where user_id = $1 and closed_at is null',
      undo: `update credit_holds set expires_at = $2::timestamptz + interval '1 hour' where user_id = $1 and closed_at is null`,
      isDone: false,
    },
    {
      who: 'whose hold was made of a grant that is not in front any more',
      change: account('front_grant_id = null'),
      undo: account('front_grant_id = (select g.id from credit_grants g where g.user_id = $1)'),
      isDone: false,
    },
    { who: 'whose budget counts the hold no more', change: countedNoMore('by_user', OF_USER) },
    { who: 'whose hold the global budget counts no more', change: countedNoMore('by_global', OF_ALL_AND_USER) },
    { who: 'whose budget must be looked at', change: periods('alarm_at = $2', OF_USER) },
    { who: 'whose budget reaches a threshold', change: periods('watch_micros = 49', OF_USER) },
    { who: 'whose budget was reckoned by other limits', change: periods(`rules = 'others'`, OF_USER) },
    { who: 'for whom the global budget must be looked at', change: periods('alarm_at = $2', OF_ALL), alone: 3 },
    { who: 'for whom the global budget reaches a threshold', change: periods('watch_micros = 49', OF_ALL), alone: 3 },
    { who: 'for whom it was reckoned by other limits', change: periods(`rules = 'others'`, OF_ALL), alone: 3 },
    { who: 'who spend more of it than is free', change: periods('free_micros = 0', OF_ALL), spent: 1001, alone: 3 },
  ])('are settled alone: $who', async ({ change, undo, spent = 50, alone = 1, isDone = true }) => {
    const users = (await known(3)) as [User, User, User];
    const placedAt = new Date(NOW.getTime() - 1000);
    const wanted = users.map(({ id }) => aCreditHold(id, 100, { placedAt }));
    for (const one of await Promise.all(wanted.map((hold) => place(hold)))) expect(one).not.toBeNull();
    await world.database.query(change, [users[0].id, NOW]);
    const sent = statements();
    const providerCost = micros(spent);
    const settled = users.map((user, n) => settle(user, wanted[n]!.requestId, 50, { providerCost }));
    expect(await Promise.all(settled)).toEqual([isDone, true, true]);
    expect(sent).toEqual(['settle_together', ...Array.from({ length: alone }, () => 'settle_ai_request')]);
    if (undo) await world.database.query(undo, [users[0].id, NOW]);
    const used = await Promise.all(users.map((user) => usedOf(user)));
    expect(used).toEqual(users.map((_, n) => (n === 0 && !isDone ? ['0', '1000'] : [String(spent), '0'])));
  });

  it('are told the worse level of both budgets, and an estimate is counted as one', async () => {
    const users = (await known(3)) as [User, User, User];
    await world.database.query(periods(`level = 'orange'`, OF_USER), [users[0].id, NOW]);
    await world.database.query(periods(`level = 'yellow'`, OF_ALL), [users[0].id, NOW]);
    const wanted = users.map(({ id }) => aCreditHold(id, 100, { placedAt: NOW }));
    const placed = await Promise.all(wanted.map((hold) => place(hold)));
    expect(placed.map((one) => one?.level)).toEqual(['orange', 'yellow', 'yellow']);
    const estimated = async (whose: string): Promise<number> => {
      const sum = `select sum(estimated_micros)::integer as micros from budget_periods where ${whose} and $1::uuid is not null`;
      return (await world.database.query<[{ micros: number }]>(sum, [users[0].id]))[0].micros;
    };
    const before = await estimated(OF_ALL);
    const { usage } = anAiUsageLog(users[0].id, newId());
    const settled = users.map((user, n) => {
      return settle(user, wanted[n]!.requestId, 50, { usage: { ...usage, source: n === 0 ? 'estimate' : 'provider' } });
    });
    expect(await Promise.all(settled)).toEqual([true, true, true]);
    expect([await estimated(OF_USER), (await estimated(OF_ALL)) - before]).toEqual([50, 50]);
    await world.database.query(periods(`level = 'green'`, `(${OF_USER} or ${OF_ALL})`), [users[0].id, NOW]);
  });

  it('are settled together where they can be: not what costs more than was held, was held of two grants, is settled, or was never held', async () => {
    const users = await known(6);
    const [dear, parted, ended, never, ...fine] = users as [User, User, User, User, ...User[]];
    const front = (await opened(parted)).available.micros;
    await done(parted, (account) => account.granted(aCredit(500), occasion(NOW)));
    const wanted = new Map(
      users.map((user) => [user, aCreditHold(user.id, user === parted ? Number(front) + 100 : 100, { placedAt: NOW })]),
    );
    const requestOf = (user: User): string => wanted.get(user)!.requestId;
    for (const user of users.filter((one) => one !== never && one !== parted))
      expect(await place(wanted.get(user)!)).not.toBeNull();
    await done(parted, (account) => account.heldFor(wanted.get(parted)!, occasion(NOW)));
    const { requestId, expiresAt } = wanted.get(parted)!;
    const books = world.budgetBooks(AMPLE_BUDGETS);
    books.clock.set(NOW);
    await books.hold({ userId: parted.id, requestId, cost: micros(100), at: NOW, expiresAt });
    expect(await settle(ended, requestOf(ended), 40)).toBe(true);
    const settled = users.map((user) => settle(user, requestOf(user), user === dear ? 101 : 50));
    expect(await Promise.all(settled)).toEqual([false, false, false, false, true, true]);
    const balances = (await accounts(users)).map(({ balance, held }) => [balance.micros, held.micros]);
    expect(balances).toEqual([
      [10_000n, 100n],
      [10_500n, 10_100n],
      [9_960n, 0n],
      [10_000n, 0n],
      [9_950n, 0n],
      [9_950n, 0n],
    ]);
    const logged: { user_id: string }[] = await world.database.query(
      'select user_id from ai_usage_logs where user_id = any($1) and cost_micros > 0',
      [users.map(({ id }) => id)],
    );
    expect(logged.map(({ user_id: id }) => id).sort()).toEqual([ended, ...fine].map(({ id }) => id).sort());
  });

  it('are all settled alone when one of them cannot be logged, and only that one is told so', async () => {
    const users = await known(4);
    const wanted = users.map((user) => aCreditHold(user.id, 100, { placedAt: NOW }));
    await Promise.all(wanted.map((hold) => place(hold)));
    const results = await Promise.allSettled(
      users.map((user, n) => settle(user, wanted[n]!.requestId, 50, n === 2 ? { servedPriceId: null } : {})),
    );
    expect(results.map((one) => (one.status === 'fulfilled' ? one.value : one.reason.constraint))).toEqual([
      true,
      true,
      'what_nobody_served_is_free',
      true,
    ]);
    expect((await accounts(users)).map(({ balance }) => balance.micros)).toEqual([9_950n, 9_950n, 10_000n, 9_950n]);
  });
});
