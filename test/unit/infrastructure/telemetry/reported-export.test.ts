import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace-node';
import { ReportedExport } from '#infrastructure/telemetry/reported-export';
import { RecordingLog } from '#test/support/fakes/recording-log';

const MINUTE = 60_000;
type Outcome = Parameters<Parameters<SpanExporter['export']>[1]>[0];

describe('the export of spans', () => {
  const log = new RecordingLog();
  const done: Outcome = { code: 0 };
  const lost: Outcome = { code: 1, error: new Error('down') };
  let now = 0;
  let outcome: Outcome;
  let reported: ReportedExport;
  const exporter: SpanExporter = { export: (_, callback) => callback(outcome), shutdown: () => Promise.resolve() };

  beforeEach(() => {
    log.lines.length = 0;
    now = 0;
    outcome = lost;
    reported = new ReportedExport(exporter, 'http://collector/v1/traces', log, () => now);
  });

  const exported = (spans: number): Outcome[] => {
    const outcomes: Outcome[] = [];
    reported.export(Array.from<ReadableSpan>({ length: spans }), (one) => outcomes.push(one));
    return outcomes;
  };

  it('logs what was lost at once, and then at most once a minute, counting all of it', () => {
    for (const at of [0, 1000, MINUTE - 1, MINUTE, MINUTE + 1, 3 * MINUTE]) {
      now = at;
      exported(10);
    }
    expect(log.lines.map(({ fields }) => fields['lost_spans'])).toEqual([10, 30, 20]);
    expect(log.lines[0]).toMatchObject({
      level: 'warn',
      fields: { endpoint: 'http://collector/v1/traces', reason: 'down' },
    });
  });

  it('tells the outcome as it is', () => {
    expect(exported(1)).toEqual([lost]);
    outcome = done;
    expect(exported(1)).toEqual([done]);
    expect(log.lines).toHaveLength(1);
  });

  it('gives a reason when the collector gives none', () => {
    outcome = { code: 1 };
    exported(1);
    expect(log.lines[0]?.fields['reason']).toBe('The collector did not say why.');
  });
});
