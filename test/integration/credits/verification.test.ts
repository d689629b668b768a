import type { CreditFinding } from '#application/credits/credit-reconciliation';
import { ManualClock } from '#test/support/fakes/manual-clock';
import { charge, CreditWorld, incoming, micros } from './credit-world.js';
import { changedAccount, changedEntry, changedGrant, DAY, kindsOf, Stories } from './story.js';

let clock: ManualClock;
let credits: CreditWorld;
let stories: Stories;

beforeAll(async () => {
  clock = new ManualClock('2026-03-10T12:00:00.000Z');
  credits = await CreditWorld.start(clock);
  stories = new Stories(credits, clock);
});
afterAll(() => credits?.close());

describe('the verification of the credit book', () => {
  it('finds nothing in a busy book that the product wrote', async () => {
    const { user } = await stories.tell();
    const { ledger } = credits;
    const soon = new Date(clock.now().getTime() + DAY / 12);
    const referral = { type: 'referral_bonus', category: 'promotional', expiresAt: soon } as const;
    await ledger.grant(user, incoming(70, referral));
    await stories.hold(user, 'outlives its grant', 40, 3);
    await stories.hold(user, 'released', 900);
    await ledger.release(user, 'released');
    await stories.hold(user, 'costs more', 10);
    await stories.settle(user, 'costs more', 700);
    const id = await stories.payment(user, 'completed', 5_000);
    const key = { key: `payment:${id}`, metadata: { payment_id: id } };
    const bought = await ledger.grant(user, incoming(5_000, key));
    await ledger.spend(user, charge(4_000, 'most of it'));
    const refund = { type: 'refund', from: bought.id, description: 'Refund', metadata: {}, actor: 'system' } as const;
    await ledger.clawBack(user, { ...refund, key: 'refund', amount: micros(4_500) });
    expect(await credits.findings(user)).toEqual([]);

    clock.advance(150 * 60);
    await ledger.tidy(user);
    clock.advance(3600);
    await ledger.grant(user, incoming(10_000));
    await stories.settle(user, 'outlives its grant', 45);
    await ledger.spend(user, charge(500, 'after the debt'));
    const { accounts, entries, findings, truncated } = await credits.verify(user);
    expect({ accounts, findings, truncated }).toEqual({ accounts: 1, findings: [], truncated: false });
    const types = await credits.rows<{ type: string }>(
      'select distinct type from credit_transactions where user_id = $1',
      [user],
    );
    expect(types.map(({ type }) => type)).toEqual(expect.arrayContaining(['debt', 'debt_payment', 'expiry', 'refund']));
    expect(entries).toBeGreaterThan(types.length);
  });

  it('finds nothing in a book that is written while it reads', async () => {
    const { user } = await stories.tell();
    let writing = true;
    const writers = Promise.all(
      [1, 2, 3].map(async (writer) => {
        for (let n = 0; n < 25; n++) {
          await credits.ledger.spend(user, charge(1, `${writer}:${n}`));
          await stories.hold(user, `hold:${writer}:${n}`, 2);
          await stories.settle(user, `hold:${writer}:${n}`, 1);
        }
      }),
    ).finally(() => (writing = false));
    let looked = 0;
    for (; writing; looked++) expect(await credits.findings(user)).toEqual([]);
    await writers;
    expect(looked).toBeGreaterThan(0);
  });

  it('names a balance that is not what the entries add up to, nor the last of them says, nor grants have left', async () => {
    const { user, settlement } = await stories.tell();
    await credits.tamper(changedAccount(user, 'balance_micros = balance_micros + 5'));
    const stored = { balance_micros: '1345' };
    const recomputed = { balance_micros: '1340' };
    expect(await credits.findings(user)).toEqual([
      { kind: 'balance_differs', userId: user, id: null, stored, recomputed },
      {
        kind: 'last_entry_differs',
        userId: user,
        id: settlement,
        stored: { sequence: '4', balance_micros: '1345', debt_micros: '0', hash: expect.any(String) },
        recomputed: { sequence: '4', balance_micros: '1340', debt_micros: '0', hash: expect.any(String) },
      },
      { kind: 'grants_differ', userId: user, id: null, stored, recomputed },
    ]);
  });

  it('names a debt that no entry made', async () => {
    const { user } = await stories.tell();
    await credits.tamper(changedAccount(user, 'debt_micros = 7'));
    const findings = await credits.findings(user);
    expect(kindsOf(findings)).toEqual(['debt_differs', 'last_entry_differs']);
    expect(findings[0]).toMatchObject({ stored: { debt_micros: '7' }, recomputed: { debt_micros: '0' } });
  });

  it('names an account that counts another number of entries', async () => {
    const { user } = await stories.tell();
    await credits.tamper(changedAccount(user, 'sequence = 3'));
    expect(await credits.findings(user)).toMatchObject([
      { kind: 'last_entry_differs', stored: { sequence: '3' }, recomputed: { sequence: '4' } },
    ]);
  });

  it('names an account that would continue its chain from another hash', async () => {
    const { user, settlement } = await stories.tell();
    await credits.tamper(changedAccount(user, `hash = sha256('')`));
    const [{ stored, recomputed, ...finding }, ...more] = (await credits.findings(user)) as [CreditFinding];
    expect([finding, more]).toEqual([{ kind: 'last_entry_differs', userId: user, id: settlement }, []]);
    expect([stored['sequence'], stored['hash'] === recomputed['hash']]).toEqual(['4', false]);
  });

  it('names an account that is gone', async () => {
    const { user } = await stories.tell();
    await credits.tamper(['delete from credit_accounts where user_id = $1', [user]]);
    const findings = await credits.findings(user);
    expect(kindsOf(findings)).toEqual(['balance_differs', 'last_entry_differs', 'held_differs', 'grants_differ']);
    expect(findings[0]).toMatchObject({ stored: { balance_micros: null }, recomputed: { balance_micros: '1340' } });
  });

  it('names what a deleted last entry leaves behind', async () => {
    const { user, promotional, settlement } = await stories.tell();
    await credits.tamper(['delete from credit_transactions where id = $1', [settlement]]);
    const findings = await credits.findings(user);
    expect(kindsOf(findings)).toEqual(['balance_differs', 'last_entry_differs', 'grant_remaining_differs']);
    expect(findings[1]).toMatchObject({ stored: { sequence: '4' }, recomputed: { sequence: '3' } });
    expect(findings[2]).toMatchObject({
      id: promotional,
      stored: { remaining_micros: '340' },
      recomputed: { remaining_micros: '400' },
    });
  });

  it('names the entry after a gap', async () => {
    const { user, debit, settlement } = await stories.tell();
    await credits.tamper(['delete from credit_transactions where id = $1', [debit]]);
    const findings = await credits.findings(user);
    expect(kindsOf(findings)).toEqual(['balance_differs', 'chain_broken', 'grant_remaining_differs']);
    expect(findings[1]).toMatchObject({ id: settlement, stored: { sequence: '4' }, recomputed: { sequence: null } });
  });

  it.each([
    ['balance', 'balance_before_micros = 1401, balance_after_micros = 1341', 'balance_before_micros', '1401', '1400'],
    ['debt', 'debt_after_micros = 9', 'debt_after_micros', '9', '0'],
  ])('names an entry that begins with another %s than the one before left', async (_, change, fact, stored, right) => {
    const { user, settlement } = await stories.tell();
    await credits.tamper(changedEntry(settlement, change));
    const findings = await credits.findings(user);
    expect(kindsOf(findings)).toEqual(['last_entry_differs', 'chain_broken', 'hash_differs']);
    expect(findings[1]).toMatchObject({ id: settlement, stored: { [fact]: stored }, recomputed: { [fact]: right } });
  });

  it.each([
    `description = 'Something else'`,
    `metadata = '{"model": "gpt"}'`,
    `key = 'another'`,
    `actor = 'somebody'`,
    `created_at = created_at - interval '1 microsecond'`,
    `type = 'transcription'`,
    `id = gen_random_uuid()`,
  ])('shows by the hash that of an entry was changed: %s', async (change) => {
    const { user, settlement } = await stories.tell();
    await credits.tamper(changedEntry(settlement, change));
    expect(await credits.findings(user)).toMatchObject([{ kind: 'hash_differs', stored: { sequence: '4' } }]);
  });

  it('names a hash that was changed, by its entry and by the entry that continues it', async () => {
    const { user, debit, settlement } = await stories.tell();
    await credits.tamper(changedEntry(debit, `hash = sha256('')`));
    expect(await credits.findings(user)).toMatchObject([
      { kind: 'hash_differs', id: debit, stored: { sequence: '3' } },
      { kind: 'hash_differs', id: settlement, stored: { sequence: '4' } },
    ]);
  });

  it('shows by the hash that an amount was changed, when every sum was patched to fit', async () => {
    const { user, promotional, debit, settlement } = await stories.tell();
    const sources = `jsonb_build_array(jsonb_build_object('grant', '${promotional}', 'micros', 90))`;
    await credits.tamper(
      changedEntry(
        debit,
        `amount_micros = -90, balance_after_micros = balance_after_micros + 10, sources = ${sources}`,
      ),
      changedEntry(
        settlement,
        'balance_before_micros = balance_before_micros + 10, balance_after_micros = balance_after_micros + 10',
      ),
      changedGrant(promotional, 'remaining_micros = remaining_micros + 10'),
      changedAccount(user, 'balance_micros = balance_micros + 10, front_free_micros = front_free_micros + 10'),
    );
    expect(await credits.findings(user)).toMatchObject([
      { kind: 'hash_differs', id: debit },
      { kind: 'hash_differs', id: settlement },
    ]);
  });

  it('shows that entries of two users were swapped, though both books add up alike', async () => {
    const [one, other] = [await stories.tell(), await stories.tell()];
    await credits.tamper(
      changedEntry(one.debit, `sequence = 99, key = 'aside'`),
      changedEntry(other.debit, `user_id = '${one.user}'`),
      changedEntry(one.debit, `user_id = '${other.user}', sequence = 3, key = 'debit'`),
    );
    for (const [{ user, promotional, settlement }, swapped, owner] of [
      [one, other.debit, other],
      [other, one.debit, one],
    ] as const) {
      expect(await credits.findings(user)).toMatchObject([
        { kind: 'hash_differs', id: swapped },
        { kind: 'hash_differs', id: settlement },
        { kind: 'grant_remaining_differs', id: promotional },
        {
          kind: 'foreign_source',
          id: swapped,
          stored: { grant: owner.promotional, user_id: user },
          recomputed: { grant: owner.promotional, user_id: owner.user },
        },
      ]);
    }
  });

  it('looks at one user, or at everybody', async () => {
    const [right, wrong] = [await stories.tell(), await stories.tell()];
    await credits.tamper(changedAccount(wrong.user, 'held_micros = 0'));
    expect(await credits.findings(right.user)).toEqual([]);
    const { findings, accounts, entries } = await credits.verify(null);
    expect(findings.filter(({ userId }) => userId === wrong.user)).toMatchObject([{ kind: 'held_differs' }]);
    expect(findings.map(({ userId }) => userId)).not.toContain(right.user);
    expect([accounts >= 2, entries >= 8]).toEqual([true, true]);
  });
});
