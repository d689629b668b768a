import { ClockShift } from '#application/billing/clock-shift';
import { SandboxSubscriptionDesk } from '#application/billing/sandbox-subscription-desk';
import { SubscriptionCheckout } from '#application/billing/subscription-checkout';
import { PaymentEventHandling } from '#application/payments/payment-event-handling';
import { PaymentEventIntake } from '#application/payments/payment-event-intake';
import { Clock } from '#application/ports/clock';
import type { UserId } from '#domain/accounts/user';
import { CommandLine } from '../cli/command-line.js';

const DAY_MS = 24 * 60 * 60 * 1000;

let cli: CommandLine;

beforeEach(async () => {
  cli = await CommandLine.start('2026-03-10T12:00:00.000Z');
});
afterEach(() => cli.cleanUp());

/** A trial of the pro plan, from now on. */
async function trial(email: string): Promise<void> {
  const { user } = await cli.json(['user', 'create', '--email', email, '--name', 'Ana', '--reason', 'test']);
  const system = await cli.open('current');
  try {
    const { sessionId } = await system.get(SubscriptionCheckout).execute({
      userId: user.id as UserId,
      planId: 'pro',
      cycle: 'month',
      successUrl: 'http://127.0.0.1:3000/billing',
      cancelUrl: null,
    });
    const notice = await system.get(SandboxSubscriptionDesk).payCheckout(sessionId);
    await system.get(PaymentEventIntake).execute(notice);
    await system.get(PaymentEventHandling).execute(notice.id);
  } finally {
    await system.close();
  }
}

describe('minutebook clock', () => {
  it('moves forward, day by day, and tells what happened', async () => {
    await trial('ana@example.com');
    const { exitCode, stdout, stderr } = await cli.run(['clock', 'advance', '--by', '20d', '--reason', 'test']);
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(stdout).toContain('2026-03-21 12:00  ana@example.com  told: trial_ending  Your trial ends soon');
    expect(stdout).toMatch(/2026-03-24 12:00 {2}ana@example.com {2}trial_ended/);
    expect(stdout).toContain('The clock moved from 2026-03-10T12:00:00.000Z to 2026-03-30T12:00:00.000Z.');
    expect(await cli.json(['clock', 'show'])).toEqual({
      now: '2026-03-30T12:00:00.000Z',
      world_now: '2026-03-10T12:00:00.000Z',
      offset_ms: 20 * DAY_MS,
      movable: true,
    });
    expect(await cli.rows('select plan from users')).toEqual([{ plan: 'pro' }]);
    expect(await cli.rows(`select actor, before, after from audit_log where action = 'clock.advance'`)).toEqual([
      {
        actor: 'cli:tester',
        before: { now: '2026-03-10T12:00:00.000Z' },
        after: { now: '2026-03-30T12:00:00.000Z' },
      },
    ]);
  });

  it('shows in a dry run what would happen, and changes nothing', async () => {
    await trial('ana@example.com');
    const before = await cli.everything();
    const rehearsed = await cli.json(['clock', 'advance', '--by', '20d', '--dry-run']);
    expect(await cli.everything()).toBe(before);
    expect((await cli.json(['clock', 'show'])).offset_ms).toBe(0);
    const done = await cli.json(['clock', 'advance', '--by', '20d', '--reason', 'test']);
    const kinds = ({ events }: { events: { at: string; kind: string }[] }) => events.map(({ at, kind }) => [at, kind]);
    expect([rehearsed.done, rehearsed.steps, rehearsed.passed]).toEqual([false, done.steps, done.passed]);
    expect(kinds(rehearsed)).toEqual(kinds(done));
    expect(kinds(done).map(([, kind]) => kind)).toEqual(['reminded', 'trial_ending', 'trial_ended']);
  });

  it('is moved for every process that looks', async () => {
    const other = await cli.open('current');
    try {
      await cli.json(['clock', 'advance', '--to', '2026-03-12', '--reason', 'test']);
      await other.get(ClockShift).restore();
      expect(other.get(Clock).now()).toEqual(new Date('2026-03-12T00:00:00Z'));
    } finally {
      await other.close();
    }
  });

  it.each([
    ['2026-03-10T12:00:00Z', 'clock_moves_forward'],
    ['2026-03-09', 'clock_moves_forward'],
    ['2032-01-01', 'clock_moves_too_far'],
  ])('does not move to %s', async (to, code) => {
    const { exitCode, stderr } = await cli.run(['clock', 'advance', '--to', to, '--json', '--reason', 'test']);
    expect([exitCode, JSON.parse(stderr).error]).toEqual([64, code]);
  });

  it.each([[['--by', '30']], [['--by', '0d']], [['--by', '1d', '--to', '2027-01-01']], [[]]])(
    'is told how far: not %j',
    async (args) => {
      expect((await cli.run(['clock', 'advance', ...args, '--reason', 'test'])).exitCode).toBe(64);
    },
  );

  it('says why, or is a rehearsal', async () => {
    const { exitCode, stderr } = await cli.run(['clock', 'advance', '--by', '1d']);
    expect([exitCode, stderr]).toEqual([64, expect.stringContaining('--reason')]);
    expect((await cli.json(['clock', 'show'])).offset_ms).toBe(0);
    const shown = await cli.run(['clock', 'advance', '--by', '1h', '--reason', 'test']);
    expect(shown.stdout).toContain('1 revenue day\n');
  });

  it('returns when every process follows, without being asked to look', async () => {
    const other = await cli.open('current');
    try {
      await cli.run(['clock', 'advance', '--to', '2026-03-12', '--reason', 'test']);
      expect(other.get(Clock).now()).toEqual(new Date('2026-03-12T00:00:00Z'));
    } finally {
      await other.close();
    }
  });

  it('stands where payments are real', async () => {
    const settings = { STRIPE_SECRET_KEY: 'sk_test_4eC39HqLyjWDarjtT1zdp7dc' };
    const { exitCode, stderr } = await cli.run(['clock', 'advance', '--by', '1d', '--json', '--reason', 'test'], {
      settings,
    });
    expect([exitCode, JSON.parse(stderr).error]).toEqual([77, 'clock_not_movable']);
    const shown = await cli.run(['clock', 'show', '--json'], { settings });
    expect(JSON.parse(shown.stdout)).toMatchObject({ offset_ms: 0, movable: false });
  });
});

describe('minutebook revenue show', () => {
  it('answers with text, JSON, or one line for each currency', async () => {
    await trial('ana@example.com');
    await cli.run(['clock', 'advance', '--by', '20d', '--reason', 'test']);
    expect((await cli.run(['revenue', 'show'])).stdout).toMatch(/usd +29\.99 +359\.88 +29\.99/);
    const { currencies, paying } = await cli.json(['revenue', 'show']);
    expect([paying, currencies]).toEqual([
      1,
      [{ currency: 'usd', mrr: 2999, arr: 35_988, arpu: 2999, at_risk: 0, paying: 1 }],
    ]);
    const { stdout } = await cli.run(['revenue', 'show', '--csv']);
    const [header, line] = stdout.split('\r\n');
    expect(header!.split(',').slice(0, 4)).toEqual(['day', 'currency', 'mrr', 'arr']);
    expect(line!.trim().split(',').slice(0, 4)).toEqual(['2026-03-30', 'usd', '2999', '35988']);
  });

  it('is not told two formats at once', async () => {
    expect((await cli.run(['revenue', 'show', '--csv', '--json'])).exitCode).toBe(64);
  });
});
