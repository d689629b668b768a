import { Dunning, DUNNING_EVENTS, DUNNING_MOVES, DUNNING_STATES, type DunningState } from '#domain/billing/dunning';

const at = (text: string): Date => new Date(text);
const FAILED = at('2026-03-31T12:00:00Z');
const HOUR = 60 * 60 * 1000;
const DAY = 24 * HOUR;
const later = (ms: number): Date => new Date(FAILED.getTime() + ms);

const inState = (state: DunningState): Dunning =>
  Dunning.of(state, state === 'grace' || state === 'lapsed' ? FAILED : null);

describe('dunning', () => {
  it('has a move for every state and event', () => {
    expect(Object.keys(DUNNING_MOVES)).toEqual([...DUNNING_STATES]);
    for (const state of DUNNING_STATES) expect(Object.keys(DUNNING_MOVES[state])).toEqual([...DUNNING_EVENTS]);
  });

  it.each([
    ['clear', 'past_due', 'grace'],
    ['clear', 'unpaid', 'grace'],
    ['clear', 'active', 'clear'],
    ['clear', 'trialing', 'clear'],
    ['clear', 'canceled', 'ended'],
    ['clear', 'incomplete', 'clear'],
    ['clear', 'incomplete_expired', 'ended'],
    ['clear', 'paused', 'clear'],
    ['grace', 'past_due', 'grace'],
    ['grace', 'unpaid', 'grace'],
    ['grace', 'active', 'clear'],
    ['grace', 'canceled', 'ended'],
    ['grace', 'paused', 'grace'],
    ['lapsed', 'past_due', 'lapsed'],
    ['lapsed', 'unpaid', 'lapsed'],
    ['lapsed', 'active', 'clear'],
    ['lapsed', 'canceled', 'ended'],
    ['ended', 'past_due', 'ended'],
    ['ended', 'active', 'ended'],
    ['ended', 'canceled', 'ended'],
  ] as const)('goes from %s, when the subscription is %s, to %s', (state, status, next) => {
    expect(inState(state).followed(status, FAILED).state).toBe(next);
  });

  it('begins grace when what is owed was asked for, however late we hear of it', () => {
    const dunning = Dunning.clear.followed('past_due', FAILED);
    expect(dunning.since).toEqual(FAILED);
    expect(dunning.graceEndsAt).toEqual(at('2026-04-07T12:00:00Z'));
  });

  it('does not begin anew with every payment that fails', () => {
    const dunning = Dunning.clear.followed('past_due', FAILED).followed('unpaid', later(3 * DAY));
    expect(dunning).toMatchObject({ state: 'grace', since: FAILED });
  });

  it.each([
    ['a millisecond before', -1, 'grace'],
    ['exactly', 0, 'lapsed'],
    ['a day after', DAY, 'lapsed'],
  ] as const)('is over %s seven days', (_, ms, state) => {
    expect(inState('grace').graceEndedAt(later(7 * DAY + ms)).state).toBe(state);
  });

  it.each(['clear', 'lapsed', 'ended'] as const)('has no grace to end when it is %s', (state) => {
    const dunning = inState(state);
    expect(dunning.graceEndedAt(later(100 * DAY))).toBe(dunning);
  });

  it('forgets what was owed once it is paid, and begins anew with the next', () => {
    const paid = inState('lapsed').followed('active', FAILED);
    expect(paid).toMatchObject({ state: 'clear', since: null, graceEndsAt: null });
    expect(paid.followed('past_due', later(30 * DAY)).since).toEqual(later(30 * DAY));
  });

  it.each([
    [0, [0]],
    [3 * DAY - 1, [0]],
    [3 * DAY, [0, 3]],
    [6 * DAY, [0, 3, 6]],
    [8 * DAY, [0, 3, 6]],
  ])('reminds, %i ms after the failure, of %j', (ms, days) => {
    expect(inState('grace').remindersDueAt(later(ms))).toEqual(days);
  });

  it.each(['clear', 'lapsed', 'ended'] as const)('reminds nobody who is %s', (state) => {
    expect(inState(state).remindersDueAt(later(6 * DAY))).toEqual([]);
  });
});
