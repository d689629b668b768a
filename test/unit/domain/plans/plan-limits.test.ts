import { DEFAULT_CATALOG } from '#domain/plans/default-catalog';
import { EXPORT_FORMATS } from '#domain/plans/export-format';
import { BYTES_PER_MB, FileTooLarge, LimitExceeded, PlanLimits } from '#domain/plans/plan-limits';
import { type DomainException, InvalidValue } from '#domain/shared/domain-exception';
import { Duration } from '#domain/shared/duration';
import { BillingPeriod } from '#domain/usage/billing-period';
import { PeriodUsage } from '#domain/usage/period-usage';

const { free, student, pro, coaching_school: school } = DEFAULT_CATALOG.plans;
const ANCHOR = new Date('2026-03-01T00:00:00.000Z');
const march = BillingPeriod.containing(ANCHOR, ANCHOR);
const MARCH = { period_start: '2026-03-01T00:00:00.000Z', resets_at: '2026-04-01T00:00:00.000Z' };

const usage = (of: {
  sessions?: number;
  seconds?: number;
  transcriptions?: number;
  held?: number;
  heldTranscriptions?: number;
  running?: number;
}): PeriodUsage =>
  new PeriodUsage(
    of.sessions ?? 0,
    Duration.ofSeconds(of.seconds ?? 0),
    of.transcriptions ?? 0,
    Duration.ofSeconds(of.held ?? 0),
    of.heldTranscriptions ?? 0,
    of.running ?? 0,
  );

const refusalOf = (deed: () => void): DomainException => {
  try {
    deed();
  } catch (error) {
    return error as DomainException;
  }
  throw new Error('Nothing was refused.');
};

describe('the limit of sessions', () => {
  it('admits the last one, and refuses the next with the numbers that were compared', () => {
    expect(() => free.limits.admitSession(usage({ sessions: 9 }), march)).not.toThrow();
    const refusal = refusalOf(() => free.limits.admitSession(usage({ sessions: 10 }), march));
    expect(refusal).toBeInstanceOf(LimitExceeded);
    expect([refusal.code, refusal.refusal]).toEqual(['session_limit_exceeded', 'forbidden']);
    expect(refusal.facts).toEqual({ plan: 'free', current_usage: 10, limit: 10, ...MARCH });
  });

  it('refuses a session that no second is left for', () => {
    expect(() => free.limits.admitSession(usage({ seconds: 11_999 }), march)).not.toThrow();
    const refusal = refusalOf(() => free.limits.admitSession(usage({ seconds: 12_000 }), march));
    expect(refusal.code).toBe('transcription_limit_exceeded');
    expect(refusal.facts).toMatchObject({ current_usage: 200, limit: 200, requested: 0, limit_seconds: 12_000 });
  });

  it('does not hold minutes against a session that are only held', () => {
    expect(() => free.limits.admitSession(usage({ held: 12_000 }), march)).not.toThrow();
  });

  it('is no limit where it is unlimited', () => {
    expect(() => pro.limits.admitSession(usage({ sessions: 1_000_000 }), march)).not.toThrow();
    expect(() => school.limits.admitSession(usage({ sessions: 1_000_000, seconds: 100_000_000 }), march)).not.toThrow();
  });

  it('of a smaller plan applies to what was used under a larger one', () => {
    expect(refusalOf(() => free.limits.admitSession(usage({ sessions: 31 }), march)).facts).toMatchObject({
      current_usage: 31,
      limit: 10,
    });
  });

  it('has no reset date in the open period', () => {
    const refusal = refusalOf(() => free.limits.admitSession(usage({ sessions: 10 }), BillingPeriod.open));
    expect(refusal.facts).toMatchObject({ period_start: null, resets_at: null });
  });
});

describe('the limit of minutes', () => {
  const admit = (of: Parameters<typeof usage>[0], seconds: number): void =>
    student.limits.admitTranscription(usage(of), Duration.ofSeconds(seconds), march);

  it('is reached by used, held and requested together, to the second', () => {
    expect(() => admit({ seconds: 29_000, held: 400 }, 600)).not.toThrow();
    expect(refusalOf(() => admit({ seconds: 29_000, held: 400 }, 601)).facts).toEqual({
      plan: 'student',
      current_usage: 484,
      held: 7,
      requested: 11,
      limit: 500,
      current_usage_seconds: 29_000,
      held_seconds: 400,
      requested_seconds: 601,
      limit_seconds: 30_000,
      ...MARCH,
    });
  });

  it('does not let one minute that is left pay for three hundred', () => {
    expect(refusalOf(() => admit({ seconds: 29_940 }, 18_000)).code).toBe('transcription_limit_exceeded');
  });

  it('admits audio of any length where it is unlimited', () => {
    const day = Duration.ofSeconds(86_400);
    expect(() => school.limits.admitTranscription(usage({ seconds: 100_000_000 }), day, march)).not.toThrow();
  });

  it('can be asked for apart from every other limit', () => {
    const busy = usage({ transcriptions: 100, running: 2 });
    expect(() => student.limits.admitMinutes(busy, Duration.ofSeconds(30_000), march)).not.toThrow();
    expect(() => student.limits.admitMinutes(busy, Duration.ofSeconds(30_001), march)).toThrow(LimitExceeded);
  });
});

describe('the limit of transcriptions', () => {
  const admit = (of: Parameters<typeof usage>[0]): void =>
    free.limits.admitTranscription(usage(of), Duration.ofSeconds(1), march);

  it('counts those under way beside those that are done', () => {
    expect(() => admit({ transcriptions: 19 })).not.toThrow();
    const refusal = refusalOf(() => admit({ transcriptions: 18, heldTranscriptions: 2 }));
    expect(refusal.code).toBe('transcription_count_exceeded');
    expect(refusal.facts).toEqual({ plan: 'free', current_usage: 18, held: 2, limit: 20, ...MARCH });
  });

  it('is no limit where it is unlimited', () => {
    const many = usage({ transcriptions: 1_000_000 });
    expect(() => pro.limits.admitTranscription(many, Duration.ofSeconds(1), march)).not.toThrow();
  });
});

describe('the limit of what runs at the same time', () => {
  it.each([
    ['free', 1],
    ['student', 2],
    ['pro', 3],
    ['coaching_school', 10],
  ] as const)('of the %s plan is %i', (name, limit) => {
    const { limits } = DEFAULT_CATALOG.plans[name];
    expect(() => limits.admitRun(usage({ running: limit - 1 }))).not.toThrow();
    const refusal = refusalOf(() => limits.admitRun(usage({ running: limit })));
    expect(refusal.code).toBe('concurrent_transcription_limit_exceeded');
    expect(refusal.facts).toEqual({ plan: name, current_usage: limit, limit });
  });

  it('comes before every other limit of a transcription', () => {
    const full = usage({ seconds: 12_000, transcriptions: 20, running: 1 });
    expect(refusalOf(() => free.limits.admitTranscription(full, Duration.ofSeconds(1), march)).code).toBe(
      'concurrent_transcription_limit_exceeded',
    );
  });
});

describe('the limit of a file', () => {
  it('admits the last byte and refuses the next, never as a size that seems to fit', () => {
    expect(() => free.limits.admitFile(60 * BYTES_PER_MB)).not.toThrow();
    const refusal = refusalOf(() => free.limits.admitFile(60 * BYTES_PER_MB + 1));
    expect(refusal).toBeInstanceOf(FileTooLarge);
    expect([refusal.code, refusal.refusal]).toEqual(['file_size_exceeded', 'too_large']);
    expect(refusal.facts).toEqual({ file_size_mb: 60.01, limit_mb: 60, plan: 'free' });
  });

  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])('takes %p bytes for no size at all', (bytes) => {
    expect(() => free.limits.admitFile(bytes)).toThrow(InvalidValue);
  });
});

describe('the formats of an export', () => {
  it.each([
    ['free', ['json', 'txt']],
    ['student', ['json', 'txt', 'vtt', 'srt']],
    ['pro', ['json', 'txt', 'vtt', 'srt', 'docx', 'xlsx']],
    ['coaching_school', ['json', 'txt', 'vtt', 'srt', 'docx', 'xlsx', 'pdf']],
  ] as const)('of the %s plan are %j', (name, allowed) => {
    const { limits } = DEFAULT_CATALOG.plans[name];
    for (const format of EXPORT_FORMATS) {
      if ((allowed as readonly string[]).includes(format)) limits.admitExport(format);
      else {
        expect(refusalOf(() => limits.admitExport(format))).toMatchObject({
          code: 'export_format_not_in_plan',
          facts: { plan: name, format, allowed_formats: allowed },
        });
      }
    }
  });
});

describe('the limit of devices', () => {
  it('admits the last one and refuses the next', () => {
    expect(() => student.limits.admitDevice(2)).not.toThrow();
    const refusal = refusalOf(() => student.limits.admitDevice(3));
    expect(refusal.code).toBe('device_limit_exceeded');
    expect(refusal.facts).toEqual({ plan: 'student', current_usage: 3, limit: 3 });
  });
});

it('a limit of nothing admits nothing', () => {
  const none = new PlanLimits('free', 0, 0, 0, 1, [], 1, 1, 1);
  expect(() => none.admitSession(PeriodUsage.none, march)).toThrow(LimitExceeded);
  expect(() => none.admitTranscription(PeriodUsage.none, Duration.ofSeconds(1), march)).toThrow(LimitExceeded);
});

it('limits are compared in seconds and bytes', () => {
  expect([free.limits.seconds, school.limits.seconds, free.limits.fileSizeBytes]).toEqual([
    12_000,
    'unlimited',
    62_914_560,
  ]);
});
