import type { ClockAdvanced } from '#application/billing/clock-advance';
import { clockAdvanced } from '#interfaces/cli/billing/clock.answer';
import { CustomerYear } from './customer-year.js';

const TABLES = [
  'subscriptions',
  'subscription_steps',
  'invoices',
  'credit_transactions',
  'notifications',
  'period_resets',
  'revenue_snapshots',
];

interface Lived {
  readonly parts: readonly ClockAdvanced[];
  readonly tables: Readonly<Record<string, string>>;
  readonly seconds: number;
  readonly year: CustomerYear;
}

async function live(): Promise<Lived> {
  const year = await CustomerYear.begin();
  const began = performance.now();
  const parts = await year.pass();
  const seconds = (performance.now() - began) / 1000;
  const tables: Record<string, string> = {};
  for (const table of TABLES) {
    const rows = await year.app.rows<{ text: string }>(`select t::text as text from ${table} as t order by t::text`);
    tables[table] = rows.map(({ text }) => text).join('\n');
  }
  return { parts, tables, seconds, year };
}

let first: Lived;
let second: Lived;

beforeAll(async () => {
  first = await live();
  second = await live();
  process.stdout.write(`${first.parts.map((part) => clockAdvanced(part, false).text).join('\n')}\n`);
  process.stdout.write(`a year in ${first.seconds.toFixed(1)} s and ${second.seconds.toFixed(1)} s\n`);
}, 60_000);
afterAll(async () => {
  await first?.year.app.stop();
  await second?.year.app.stop();
});

describe("a customer's year on the clock", () => {
  it.each(TABLES)('leaves the same bytes in %s each time', (table) => {
    expect(first.tables[table]).not.toBe('');
    expect(second.tables[table]).toBe(first.tables[table]);
  });

  it('goes through everything in its order', async () => {
    const steps = await first.year.app.rows<{ text: string }>(
      `select concat_ws(' ', to_char(at at time zone 'utc', 'YYYY-MM-DD HH24:MI'), kind, facts ->> 'plan') as text
         from subscription_steps order by id`,
    );
    expect(steps.map(({ text }) => text)).toEqual([
      '2026-01-31 10:00 trial_started pro',
      '2026-02-11 10:00 reminded pro',
      '2026-02-14 10:00 trial_ended pro',
      '2026-03-01 09:00 plan_changed coaching_school',
      '2026-03-14 10:00 period_began coaching_school',
      '2026-03-14 10:00 payment_failed coaching_school',
      '2026-03-14 10:00 reminded coaching_school',
      '2026-03-17 10:00 reminded coaching_school',
      '2026-03-20 10:00 reminded coaching_school',
      '2026-03-21 10:00 grace_over coaching_school',
      '2026-03-24 09:00 renewed coaching_school',
      '2026-03-24 09:00 recovered coaching_school',
      '2026-04-05 09:00 change_scheduled coaching_school',
      '2026-04-14 10:00 renewed pro',
      '2026-04-14 10:00 plan_changed pro',
      '2026-05-14 10:00 renewed pro',
      '2026-06-14 10:00 renewed pro',
      '2026-07-14 10:00 renewed pro',
      '2026-08-01 09:00 cancellation_scheduled pro',
      '2026-08-14 10:00 canceled pro',
    ]);
  });

  it('reminds on the days 0, 3 and 6 of grace, and three days before a trial ends, to the minute', async () => {
    const told = await first.year.app.rows<{ text: string }>(
      `select concat_ws(' ', to_char(created_at at time zone 'utc', 'YYYY-MM-DD HH24:MI'), kind, severity) as text
         from notifications order by created_at`,
    );
    expect(told.map(({ text }) => text)).toEqual([
      '2026-02-11 10:00 trial_ending info',
      '2026-03-14 10:00 payment_failed critical',
      '2026-03-17 10:00 payment_overdue critical',
      '2026-03-20 10:00 grace_ending critical',
      '2026-03-21 10:00 plan_lost critical',
      '2026-03-24 09:00 payment_recovered info',
      '2026-08-14 10:00 subscription_ended info',
    ]);
  });

  it('has nothing failed on the way', () => {
    expect(first.parts.map(({ passed }) => passed.failed)).toEqual(first.parts.map(() => 0));
  });

  it('ends where it began: with the free plan, and nothing owed', async () => {
    const { year } = first;
    expect(await year.value('select plan from users')).toBe('free');
    expect(await year.value('select status from subscriptions')).toBe('canceled');
    expect(await year.value(`select count(*)::int from invoices where status = 'open'`)).toBe(0);
  });

  it('brings the credit of the plan once for each month that is paid for, and takes it back with the month', async () => {
    const rows = await first.year.app.rows<{ text: string }>(
      `select concat_ws(' ', to_char(created_at at time zone 'utc', 'YYYY-MM-DD'), type, amount_micros) as text
         from credit_transactions order by sequence`,
    );
    expect(rows.map(({ text }) => text)).toEqual([
      '2026-01-31 bonus 5000000',
      '2026-02-14 expiry -5000000',
      '2026-02-14 bonus 5000000',
      '2026-03-14 expiry -5000000',
      '2026-03-24 bonus 20000000',
      '2026-04-14 expiry -20000000',
      '2026-04-14 bonus 5000000',
      '2026-05-14 expiry -5000000',
      '2026-05-14 bonus 5000000',
      '2026-06-14 expiry -5000000',
      '2026-06-14 bonus 5000000',
      '2026-07-14 expiry -5000000',
      '2026-07-14 bonus 5000000',
      '2026-08-14 expiry -5000000',
    ]);
  });

  it('keeps the figures of every day', async () => {
    const { year } = first;
    expect(await year.value('select count(*)::int from revenue_snapshots')).toBe(366);
    const brought = `select string_agg(distinct coalesce(currencies -> 0 ->> 'mrr', '0'), ' ') from revenue_snapshots`;
    expect(await year.value(brought)).toBe('0 16900 2999');
  });
});
