import { GetUsageExport, MOST_EXPORTED_ENTRIES } from '#application/usage/get-usage-export';
import { USAGE_FORMATS } from '#application/usage/usage-documents';
import type { LogLine, UsageEvidence } from '#application/usage/usage-evidence';
import { PeriodWorld } from '#test/support/period-world';
import { refusalOf } from '#test/support/refusals';

let world: PeriodWorld;
let found: number;
let asked: { from: Date; to: Date; limit: number } | null;
beforeEach(() => {
  world = new PeriodWorld();
  found = 2;
  asked = null;
});

const usageExport = (): GetUsageExport => {
  const evidence = {
    linesBetween: async ({ from, to }: { from: Date; to: Date }, _user: string, limit: number) => {
      asked = { from, to, limit };
      return Array.from<LogLine>({ length: Math.min(found, limit) });
    },
  } as unknown as UsageEvidence;
  const documents = { render: async (format: string, lines: readonly LogLine[]) => `${format} of ${lines.length}` };
  return new GetUsageExport(world.users, evidence, documents, world.clock);
};

describe('the export of usage', () => {
  it('covers the current period until now, this very instant included, unless told otherwise', async () => {
    const { id: userId } = await world.user();
    const exported = await usageExport().execute({ userId, format: 'csv', from: null, to: null });
    expect(exported.content).toBe('csv of 2');
    expect([asked?.from.toISOString(), asked?.to.toISOString()]).toEqual([
      '2026-03-15T09:30:00.000Z',
      '2026-03-20T12:00:00.001Z',
    ]);
  });

  it('of an imported user begins with the account', async () => {
    const user = await world.user({ currentMonthStart: null, periodAnchor: null });
    await usageExport().execute({ userId: user.id, format: 'csv', from: null, to: null });
    expect(asked?.from).toEqual(user.createdAt);
  });

  it('of an empty span is refused', async () => {
    const { id: userId } = await world.user();
    const day = new Date('2026-03-01T00:00:00.000Z');
    const refusal = await refusalOf(usageExport().execute({ userId, format: 'json', from: day, to: day }));
    expect([refusal.code, refusal.refusal]).toEqual(['empty_span', 'invalid']);
    expect(asked).toBeNull();
  });

  it.each(USAGE_FORMATS)('as %s is refused, not cut short, when there is more than fits', async (format) => {
    const { id: userId } = await world.user();
    const most = MOST_EXPORTED_ENTRIES[format];
    found = most;
    const { content } = await usageExport().execute({ userId, format, from: null, to: null });
    expect(content).toBe(`${format} of ${most}`);
    found = most + 1;
    const refusal = await refusalOf(usageExport().execute({ userId, format, from: null, to: null }));
    expect([refusal.code, refusal.facts['limit'], refusal.facts['format']]).toEqual(['export_too_large', most, format]);
  });
});
