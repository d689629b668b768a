import { GivenCredit } from '#test/contracts/given-credit';
import { NOW } from '#test/contracts/given';
import { type PostgresWorld, postgresWorld } from '#test/contracts/postgres-world';
import { aCredit, aCreditHold, occasion } from '#test/support/builders/credits';

/** What PostgreSQL says of a row that breaks a rule: https://www.postgresql.org/docs/current/errcodes-appendix.html */
const CHECK_VIOLATION = '23514';

describe('the database refuses, whoever writes', () => {
  let world: PostgresWorld;
  const { done, holder } = new GivenCredit(() => world);
  let userId: string;

  beforeAll(async () => {
    world = await postgresWorld(2);
    const user = await holder(aCredit(10_000));
    await done(user, (account) => account.heldFor(aCreditHold(user.id, 100, { placedAt: NOW }), occasion(NOW)));
    userId = user.id;
  });
  afterAll(() => world.close());

  /** The next entry of the book, right but for what `wrong` says. */
  const entry = (wrong: Readonly<Record<string, string | number>>): Promise<unknown> => {
    const row = {
      id: crypto.randomUUID(),
      user_id: userId,
      sequence: 2,
      type: 'api_usage',
      amount_micros: -10,
      debt_micros: 0,
      balance_before_micros: 10_000,
      balance_after_micros: 9_990,
      debt_after_micros: 0,
      description: 'An answer',
      metadata: {},
      sources: [],
      key: crypto.randomUUID(),
      actor: 'test',
      created_at: NOW,
      ...wrong,
    };
    return world.database.query(
      'insert into credit_transactions select * from json_populate_record(null::credit_transactions, $1)',
      [JSON.stringify(row)],
    );
  };

  it.each([
    [{ type: 'bonus' }, 'a_type_has_a_sign'],
    [{ type: 'no type' }, 'a_type_has_a_sign'],
    [{ amount_micros: 10, balance_after_micros: 10_010 }, 'a_type_has_a_sign'],
    [{ type: 'purchase', amount_micros: 0, balance_after_micros: 10_000 }, 'a_type_has_a_sign'],
    [{ debt_micros: 1, debt_after_micros: 1 }, 'a_type_has_a_sign'],
    [{ type: 'debt', debt_micros: 1, debt_after_micros: 1 }, 'a_type_has_a_sign'],
    [{ type: 'debt', amount_micros: 0, balance_after_micros: 10_000 }, 'a_type_has_a_sign'],
    [{ balance_after_micros: 9_991 }, 'amounts_add_up'],
    [{ amount_micros: -10_001, balance_after_micros: -1 }, 'credit_transactions_balance_after_micros_check'],
    [{ description: '' }, 'is_filled'],
    [{ actor: '' }, 'is_filled'],
    [{ key: '' }, 'credit_transactions_key_check'],
  ])('an entry with %j', async (wrong, constraint) => {
    await expect(entry(wrong)).rejects.toMatchObject({ code: CHECK_VIOLATION, constraint });
  });

  it.each([
    ['credit_accounts', 'front_free_micros = -1', 'is_natural'],
    ['credit_accounts', 'held_micros = 10001', 'never_negative'],
    ['credit_accounts', 'held_micros = -1', 'never_negative'],
    ['credit_accounts', 'debt_micros = -1', 'credit_accounts_debt_micros_check'],
    ['credit_grants', `category = 'lent'`, 'is_known'],
    ['credit_grants', 'amount_micros = 0, remaining_micros = 0, held_micros = 0', 'is_positive'],
    ['credit_grants', 'remaining_micros = 10001', 'parts_of_a_grant'],
    ['credit_grants', 'held_micros = 10001', 'parts_of_a_grant'],
    ['credit_grants', 'held_micros = -1', 'parts_of_a_grant'],
    ['credit_holds', 'amount_micros = 0', 'is_positive'],
    ['credit_holds', `description = ''`, 'is_filled'],
    ['credit_holds', `request_id = ''`, 'credit_holds_request_id_check'],
    ['credit_holds', `state = 'lost', closed_at = now()`, 'credit_holds_state_check'],
    ['credit_holds', `state = 'settled', closed_at = now()`, 'credit_holds_check2'],
    ['credit_holds', `state = 'settled', closed_at = now(), settled_micros = -1`, 'is_natural'],
    ['credit_holds', 'closed_at = now()', 'credit_holds_check1'],
    ['credit_holds', 'expires_at = placed_at', 'credit_holds_check'],
  ])('a row of %s with %s', async (table, wrong, constraint) => {
    const changed = world.database.query(`update ${table} set ${wrong} where user_id = $1`, [userId]);
    await expect(changed).rejects.toMatchObject({ code: CHECK_VIOLATION, constraint });
  });

  it('but nothing that is right', async () => {
    await entry({});
    await entry({
      sequence: 3,
      type: 'bonus',
      amount_micros: 10,
      balance_before_micros: 9_990,
      balance_after_micros: 10_000,
    });
    const kept = await world.database.query('select from credit_transactions where user_id = $1', [userId]);
    expect(kept).toHaveLength(3);
  });
});
