import { ClockAdvance } from '#application/billing/clock-advance';
import { ClockShift } from '#application/billing/clock-shift';
import { NOTHING_PASSED, type Passed, type TimePassing } from '#application/billing/time-passing';
import { StandingClockShift } from '#infrastructure/system/standing-clock-shift';
import { InMemoryTransaction } from '#test/support/fakes/in-memory-transaction';
import { ManualClock } from '#test/support/fakes/manual-clock';
import { ManualClockShift } from '#test/support/fakes/manual-clock-shift';
import { RecordingAuditLog } from '#test/support/fakes/recording-audit-log';

const OPERATOR = { actor: 'cli:tester', reason: 'a look ahead' };

let clock: ManualClock;
let stops: string[];
let dues: Date[];
let audit: RecordingAuditLog;

beforeEach(() => {
  clock = new ManualClock('2026-03-10T12:00:00.000Z');
  [stops, dues] = [[], []];
});

function advance(shift: ClockShift = new ManualClockShift(clock)) {
  const transaction = new InMemoryTransaction();
  audit = new RecordingAuditLog(transaction);
  const passing = {
    nextDue: async () => dues.find((due) => due > clock.now()) ?? null,
    execute: async (): Promise<Passed> => {
      stops.push(clock.now().toISOString().slice(5, 16));
      return { ...NOTHING_PASSED, reminders: 1 };
    },
  };
  const timeline = { mark: async () => ({ lastStep: '0', notificationsFrom: clock.now() }), since: async () => [] };
  const pauses = { wait: async (ms: number) => void stops.push(`waited ${ms}`) };
  return new ClockAdvance(shift, passing as unknown as TimePassing, timeline, audit, transaction, clock, pauses);
}

describe('moving the clock', () => {
  it('stops at each midnight and where something is due, and lets happen there what is due', async () => {
    dues = [new Date('2026-03-11T10:00:00Z'), new Date('2026-03-20T00:00:00Z')];
    const done = await advance().execute({ byMs: 2 * 86_400_000 }, OPERATOR, false);
    expect(stops).toEqual(['03-10T12:00', '03-11T00:00', '03-11T10:00', '03-12T00:00', '03-12T12:00', 'waited 0']);
    expect(done).toMatchObject({ steps: 4, passed: { reminders: 5, failed: 0 }, to: new Date('2026-03-12T12:00:00Z') });
    expect(clock.now()).toEqual(new Date('2026-03-12T12:00:00Z'));
    expect(audit.entries).toMatchObject([{ action: 'clock.advance', ...OPERATOR }]);
  });

  it('goes to an instant, however near', async () => {
    await advance().execute({ to: new Date('2026-03-10T12:00:00.001Z') }, OPERATOR, false);
    expect(clock.now()).toEqual(new Date('2026-03-10T12:00:00.001Z'));
  });

  it('does not return before every process follows', async () => {
    const shift = new ManualClockShift(clock);
    shift.spreadMs = 700;
    await advance(shift).execute({ byMs: 3_600_000 }, OPERATOR, false);
    expect(stops).toEqual(['03-10T12:00', '03-10T13:00', 'waited 700']);
    await advance(shift).execute({ byMs: 3_600_000 }, OPERATOR, true);
    expect(stops.filter((stop) => stop.startsWith('waited'))).toHaveLength(1);
  });

  it('is undone after a dry run, also when something fails in it', async () => {
    const done = await advance().execute({ byMs: 86_400_000 }, OPERATOR, true);
    expect([done.steps, clock.now()]).toEqual([2, new Date('2026-03-10T12:00:00Z')]);
    expect(audit.entries).toEqual([]);
    dues = [new Date('2026-03-10T13:00:00Z')];
    const failing = advance();
    failAtSecondStop(stops);
    await expect(failing.execute({ byMs: 86_400_000 }, OPERATOR, true)).rejects.toThrow('stop here');
    expect(clock.now()).toEqual(new Date('2026-03-10T12:00:00Z'));
  });

  it.each([
    ['2026-03-10T12:00:00.000Z', 'clock_moves_forward'],
    ['2026-03-10T11:59:59.999Z', 'clock_moves_forward'],
    ['2031-03-16T00:00:00.000Z', 'clock_moves_too_far'],
  ])('is refused to %s', async (to, code) => {
    const refused = advance().execute({ to: new Date(to) }, OPERATOR, false);
    await expect(refused).rejects.toMatchObject({ code, refusal: 'invalid' });
    expect(stops).toEqual([]);
  });

  it('is refused where payments are real', async () => {
    const refused = advance(new StandingClockShift()).execute({ byMs: 1000 }, OPERATOR, false);
    await expect(refused).rejects.toMatchObject({ code: 'clock_not_movable', refusal: 'forbidden' });
    await expect(new StandingClockShift().moveTo()).rejects.toMatchObject({ code: 'clock_not_movable' });
  });
});

/** The second stop from now fails. */
function failAtSecondStop(list: string[]): void {
  const push = list.push.bind(list);
  let left = 1;
  list.push = (...items: string[]) => {
    if (left-- === 0) throw new Error('stop here');
    return push(...items);
  };
}
