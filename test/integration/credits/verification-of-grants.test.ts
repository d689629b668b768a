import { ManualClock } from '#test/support/fakes/manual-clock';
import { newId } from '../../contracts/given.js';
import { charge, CreditWorld, incoming } from './credit-world.js';
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

describe('the verification of grants, holds and purchases', () => {
  it('names what is held of an account beside its holds and its grants', async () => {
    const { user } = await stories.tell();
    await credits.tamper(changedAccount(user, 'held_micros = 40'));
    expect(await credits.findings(user)).toEqual([
      {
        kind: 'held_differs',
        userId: user,
        id: null,
        stored: { held_micros: '40' },
        recomputed: { open_holds_micros: '50', grants_held_micros: '50' },
      },
    ]);
  });

  it('names a hold that was closed and whose credit was not given back', async () => {
    const { user, promotional } = await stories.tell();
    await credits.tamper([
      `update credit_holds set state = 'released', closed_at = now() where user_id = $1 and state = 'open'`,
      [user],
    ]);
    expect(await credits.findings(user)).toMatchObject([
      { kind: 'held_differs', recomputed: { open_holds_micros: '0', grants_held_micros: '50' } },
      {
        kind: 'grant_held_differs',
        id: promotional,
        stored: { held_micros: '50' },
        recomputed: { held_micros: '0' },
      },
    ]);
  });

  it('names a hold that takes from what nobody was given', async () => {
    const { user, promotional } = await stories.tell();
    const nobodys = newId();
    await credits.tamper([
      `update credit_holds set parts = jsonb_build_array(jsonb_build_object('grant', $2::text, 'micros', 50))
        where user_id = $1 and state = 'open'`,
      [user, nobodys],
    ]);
    expect(await credits.findings(user)).toMatchObject([
      { kind: 'grant_held_differs', id: promotional, recomputed: { held_micros: '0' } },
      { kind: 'foreign_source', stored: { grant: nobodys }, recomputed: { grant: null, user_id: null } },
    ]);
  });

  it('names grants that have other parts left than their payments leave, though they add up', async () => {
    const { user, paid, promotional } = await stories.tell();
    await credits.tamper(
      changedGrant(paid, 'remaining_micros = remaining_micros - 10'),
      changedGrant(promotional, 'remaining_micros = remaining_micros + 10'),
      changedAccount(user, 'front_free_micros = front_free_micros + 10'),
    );
    const findings = await credits.findings(user);
    expect(kindsOf(findings)).toEqual(['grant_remaining_differs', 'grant_remaining_differs']);
    expect(findings).toContainEqual(
      expect.objectContaining({
        id: paid,
        stored: { remaining_micros: '990' },
        recomputed: { remaining_micros: '1000' },
      }),
    );
  });

  it('names a grant that no entry brought, and the balance that it does not belong to', async () => {
    const { user } = await stories.tell();
    const id = newId();
    await credits.tamper([
      `insert into credit_grants (id, user_id, category, amount_micros, remaining_micros, held_micros, created_at)
       values ($1, $2, 'paid', 10, 10, 0, now())`,
      [id, user],
    ]);
    expect(await credits.findings(user)).toMatchObject([
      { kind: 'grants_differ', stored: { balance_micros: '1340' }, recomputed: { balance_micros: '1350' } },
      { kind: 'grant_without_entry', id, stored: { amount_micros: '10' }, recomputed: { amount_micros: null } },
    ]);
  });

  it('names credit that came in and is no grant', async () => {
    const { user, paid } = await stories.tell();
    await credits.tamper(['delete from credit_grants where id = $1', [paid]]);
    expect(await credits.findings(user)).toMatchObject([
      { kind: 'grants_differ', stored: { balance_micros: '1340' }, recomputed: { balance_micros: '340' } },
      {
        kind: 'entry_without_grant',
        id: paid,
        stored: { type: 'purchase', amount_micros: '1000' },
        recomputed: { amount_micros: null },
      },
    ]);
  });

  it.each([
    ['none', `'[]'`, '0'],
    ['one, too much', `jsonb_build_array(jsonb_set(sources -> 0, '{micros}', '101'))`, '-101'],
    ['two', `sources || sources`, '-200'],
  ])('names an entry that other sums paid for: %s', async (_, sources, paid) => {
    const { user, debit } = await stories.tell();
    await credits.tamper(changedEntry(debit, `sources = ${sources}`));
    const findings = await credits.findings(user);
    expect(kindsOf(findings)).toEqual(['hash_differs', 'grant_remaining_differs', 'sources_differ']);
    expect(findings[2]).toMatchObject({
      id: debit,
      stored: { amount_micros: '-100' },
      recomputed: { amount_micros: paid },
    });
  });

  it.each([
    ['too much of it', 'front_free_micros = 291'],
    ['none', 'front_grant_id = null, front_free_micros = 0'],
    ['nothing of one that has something', 'front_free_micros = 0'],
    ['nobody’s', 'front_grant_id = gen_random_uuid()'],
  ])('names a front that is not what is spent next: %s', async (_, change) => {
    const { user, promotional } = await stories.tell();
    await credits.tamper(changedAccount(user, change));
    expect(await credits.findings(user)).toMatchObject([
      { kind: 'front_differs', recomputed: { front_grant_id: promotional, front_free_micros: '290' } },
    ]);
  });

  it('spends promotional credit first, then what expires, then the oldest', async () => {
    const user = await credits.user();
    const later = (days: number): Date => new Date(clock.now().getTime() + days * DAY);
    const grants = [
      incoming(10),
      incoming(10, { expiresAt: later(2) }),
      incoming(10, { expiresAt: later(1) }),
      incoming(10, { category: 'promotional', expiresAt: null }),
      incoming(10, { category: 'promotional', expiresAt: later(9) }),
    ];
    for (const [at, grant] of grants.entries()) {
      await credits.ledger.grant(user, grant);
      expect(await credits.findings(user)).toEqual([]);
      clock.advance(1);
      await credits.ledger.spend(user, charge(5, `spent:${at}`));
      expect(await credits.findings(user)).toEqual([]);
    }
  });

  it('names an account that would be looked after too late', async () => {
    const { user } = await stories.tell();
    await credits.tamper(changedAccount(user, `alarm_at = alarm_at + interval '1 hour'`));
    expect(await credits.findings(user)).toMatchObject([{ kind: 'alarm_late' }]);
    await credits.tamper(changedAccount(user, `alarm_at = alarm_at - interval '2 hours'`));
    expect(await credits.findings(user)).toEqual([]);
  });

  it('names a completed payment that brought no credit, or another sum', async () => {
    const { user } = await stories.tell();
    const [empty, other] = [await stories.payment(user, 'completed', 30), await stories.payment(user, 'completed', 40)];
    await credits.ledger.grant(user, incoming(41, { key: `payment:${other}` }));
    const findings = await credits.findings(user);
    expect(kindsOf(findings)).toEqual(['payment_without_entry', 'payment_without_entry']);
    expect(findings).toContainEqual({
      kind: 'payment_without_entry',
      userId: user,
      id: empty,
      stored: { status: 'completed', credit_micros: '30' },
      recomputed: { credit_micros: null },
    });
    expect(findings).toContainEqual(expect.objectContaining({ id: other, recomputed: { credit_micros: '41' } }));
  });

  it('names credit for a payment that is not completed, or not there', async () => {
    const { user } = await stories.tell();
    const pending = await stories.payment(user, 'pending', 30);
    const { id } = await credits.ledger.grant(user, incoming(30, { key: `payment:${pending}` }));
    const { id: unknown } = await credits.ledger.grant(user, incoming(30, { key: `payment:${newId()}` }));
    expect(await credits.findings(user)).toMatchObject([
      { kind: 'entry_without_payment', id, recomputed: { status: 'pending' } },
      { kind: 'entry_without_payment', id: unknown, recomputed: { status: null } },
    ]);
  });
});
