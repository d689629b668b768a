import fc from 'fast-check';
import { BillingPeriod } from '#domain/usage/billing-period';

/** A failure prints the seed; this repeats it: SEED=… on the command line. */
const SEED = Number(process.env['SEED'] ?? Date.now() % 2_147_483_647);
/** Globals are looked up through Jest's sandbox, which costs more than all of the arithmetic here. */
const Time = Date;
const BEGIN = Date.UTC(1970, 0, 1);
const END = Date.UTC(2100, 11, 31);
const MONTHS = 131 * 12;
const DAY_MS = 24 * 60 * 60 * 1000;
/** For each day of the month on which an anchor can lie: 31 × 22 × some 1 500 boundaries are more than a million. */
const ANCHORS_PER_DAY = 22;

/** Gregorian months by the rule itself, without a Date to ask. */
function daysOf(year: number, month: number): number {
  if (month === 1) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 3 || month === 5 || month === 8 || month === 10 ? 30 : 31;
}

interface Anchor {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly msOfDay: number;
}

/** Boundary k from first principles: months counted from the anchor, its own day or else the last there is. */
function oracle({ year, month, day, msOfDay }: Anchor, k: number): number {
  const months = year * 12 + month + k;
  const m = months % 12;
  const y = (months - m) / 12;
  const last = daysOf(y, m);
  return Time.UTC(y, m, day < last ? day : last) + msOfDay;
}

/** An anchor on this day in a month that has it. */
function anchorsOn(day: number): fc.Arbitrary<Anchor> {
  return fc
    .record({
      year: fc.integer({ min: 1970, max: 2100 }),
      month: fc.integer({ min: 0, max: 11 }),
      // Midnight and the last millisecond of the day are where one-off mistakes live.
      msOfDay: fc.oneof(fc.integer({ min: 0, max: DAY_MS - 1 }), fc.constantFrom(0, DAY_MS - 1)),
    })
    .filter(({ year, month }) => day <= daysOf(year, month))
    .map((anchor) => ({ ...anchor, day }));
}

function insist(condition: boolean, claim: () => string): void {
  if (!condition) throw new Error(claim());
}

const show = (start: number, end: number): string =>
  `${new Date(start).toISOString()} to ${new Date(end).toISOString()}`;

describe('billing periods of any anchor from 1970 to 2100', () => {
  let checked = 0;

  const everyAnchor = (property: (anchor: Anchor, instant: Date, others: readonly Date[]) => void): void => {
    const others = fc.array(fc.integer({ min: BEGIN, max: END }), { minLength: 20, maxLength: 20 });
    for (let day = 1; day <= 31; day++) {
      fc.assert(
        fc.property(anchorsOn(day), others, (anchor, instants) => {
          const instant = new Date(Date.UTC(anchor.year, anchor.month, anchor.day) + anchor.msOfDay);
          property(
            anchor,
            instant,
            instants.map((ms) => new Date(ms)),
          );
        }),
        // The claim that failed names its boundary: there is nothing to shrink.
        { seed: SEED, numRuns: ANCHORS_PER_DAY, endOnFailure: true },
      );
    }
  };

  afterAll(() => console.log(`billing periods: ${checked.toLocaleString('en')} boundaries checked, seed ${SEED}`));

  it('begin at the anchor moved by whole months, follow each other without gap or overlap, and are 28 to 31 days long', () => {
    let fromTheEnd = false;
    everyAnchor((anchor, instant) => {
      // Every other anchor is asked for the period of its last millisecond instead of its first.
      fromTheEnd = !fromTheEnd;
      const first = (1970 - anchor.year) * 12 - anchor.month;
      let start = oracle(anchor, first);
      for (let k = first; k < first + MONTHS; k++) {
        const end = oracle(anchor, k + 1);
        const period = BillingPeriod.containing(new Time(fromTheEnd ? end - 1 : start), instant);
        insist(
          period.start!.getTime() === start && period.end!.getTime() === end,
          () =>
            `period ${k} of ${instant.toISOString()} is ${show(start, end)}, not ${show(+period.start!, +period.end!)}`,
        );
        const days = (end - start) / DAY_MS;
        insist(days === 28 || days === 29 || days === 30 || days === 31, () => `${show(start, end)} has ${days} days`);
        checked++;
        start = end;
      }
    });
    expect(checked).toBeGreaterThanOrEqual(1_000_000);
  });

  it('contain each instant exactly once', () => {
    everyAnchor((_, anchor, instants) => {
      for (const instant of instants) {
        const period = BillingPeriod.containing(instant, anchor);
        insist(period.contains(instant), () => `${instant.toISOString()} is not in its own period`);
        const before = BillingPeriod.containing(new Date(period.start!.getTime() - 1), anchor);
        const after = BillingPeriod.containing(period.end!, anchor);
        insist(
          !before.contains(instant) && !after.contains(instant),
          () => `${instant.toISOString()} is in two periods`,
        );
      }
    });
  });
});
