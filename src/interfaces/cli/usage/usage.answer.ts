import type { User } from '#domain/accounts/user';
import type { BillingPeriod } from '#domain/usage/billing-period';
import { LimitUse } from '#domain/usage/limit-use';
import type { CurrentUsage } from '#application/usage/get-current-usage';
import type { UsageExplanation } from '#application/usage/get-usage-explanation';
import type { EvidenceSum, ExplainedMetric, LogLine } from '#application/usage/usage-evidence';
import { type Answer, fields, table } from '../shared/answer.js';
import { ExitCode } from '../shared/exit-code.js';

/** As it is said, and as `usage explain --period` takes it back. */
export function periodJson({
  start,
  end,
}: BillingPeriod): Readonly<Record<'period_start' | 'resets_at', string | null>> {
  return { period_start: start?.toISOString() ?? null, resets_at: end?.toISOString() ?? null };
}

export function periodText({ start, end }: BillingPeriod): string {
  return start === null || end === null
    ? 'open: everything counts, until the first reset'
    : `${start.toISOString()} to ${end.toISOString()}`;
}

export function usageShown({ user, plan, period, usage }: CurrentUsage): Answer {
  const { limits } = plan;
  const numbers = {
    sessions: new LimitUse(usage.sessions, 0, limits.sessions),
    minutes: new LimitUse(usage.used.minutes, usage.held.minutes, limits.minutes),
    transcriptions: new LimitUse(usage.transcriptions, usage.heldTranscriptions, limits.transcriptions),
    running: new LimitUse(usage.running, 0, limits.concurrentTranscriptions),
  };
  const rows = Object.entries(numbers).map(([name, { used, held, limit, remaining, percentage }]) => [
    name,
    String(used),
    String(held),
    String(limit),
    String(remaining),
    percentage === null ? '-' : `${percentage} %`,
  ]);
  return {
    json: {
      user_id: user.id,
      email: user.email,
      plan: plan.name,
      ...periodJson(period),
      ...Object.fromEntries(Object.entries(numbers).map(([name, use]) => [name, useJson(use)])),
      used_seconds: usage.used.seconds,
      held_seconds: usage.held.seconds,
    },
    text: [
      fields([
        ['user', user.email],
        ['plan', plan.name],
        ['period', periodText(period)],
      ]),
      '',
      table(['', 'used', 'held', 'limit', 'remaining', 'used %'], rows),
    ].join('\n'),
  };
}

function useJson({ used, held, limit, remaining, percentage }: LimitUse): Readonly<Record<string, unknown>> {
  return { used, held, limit, remaining, percentage };
}

const UNITS: Readonly<Record<ExplainedMetric, string>> = {
  sessions: 'sessions',
  minutes: 'seconds',
  transcriptions: 'transcriptions',
  cost: 'micro-USD',
};

export function usageExplained(
  user: User,
  { metric, period, sum, evidence }: UsageExplanation,
  offset: number,
): Answer {
  const unit = UNITS[metric];
  const counter = sum.counter;
  const agrees = counter === null || counter === sum.recomputed;
  const entries =
    evidence.kind === 'creations'
      ? evidence.lines.map(({ sessionId, title, status, createdAt, deletedAt }) => ({
          session_id: sessionId,
          title,
          status,
          created_at: createdAt.toISOString(),
          deleted_at: deletedAt?.toISOString() ?? null,
        }))
      : evidence.lines.map((line) => ({
          log_id: line.id,
          session_id: line.sessionId,
          attempt: line.attempt,
          transcription_type: line.transcriptionType,
          outcome: line.outcome,
          counted_seconds: line.countedSeconds,
          counted_transcriptions: line.countedTranscriptions,
          cost_micros: line.costMicros.toString(),
          billing_reason: line.billingReason,
          completed_at: line.completedAt.toISOString(),
        }));
  return {
    json: {
      user_id: user.id,
      metric,
      unit,
      ...periodJson(period),
      entries: sum.entries,
      sum: sum.recomputed.toString(),
      counter: counter?.toString() ?? null,
      agrees,
      data: entries,
      has_more: offset + entries.length < sum.entries,
    },
    text: [
      fields([
        ['user', user.email],
        ['period', periodText(period)],
        ['sum', `${sum.recomputed} ${unit} in ${sum.entries} entries${minutesOf(metric, sum)}`],
        ...(counter === null ? [] : [['counter', `${counter} ${unit}`] as const]),
      ]),
      '',
      entries.length === 0 ? 'No entry.' : table(...columns(evidence)),
    ].join('\n'),
    note: agrees ? undefined : 'The counter is not what its entries add up to. Run "minutebook verify".',
    exitCode: agrees ? ExitCode.ok : ExitCode.data,
  };
}

/** The number that people were shown: started minutes of the sum. */
function minutesOf(metric: ExplainedMetric, { recomputed }: EvidenceSum): string {
  return metric === 'minutes' ? `, shown as ${(recomputed + 59n) / 60n} minutes` : '';
}

function columns(evidence: UsageExplanation['evidence']): [string[], string[][]] {
  if (evidence.kind === 'creations') {
    return [
      ['created', 'session', 'status', 'title'],
      evidence.lines.map(({ createdAt, sessionId, status, deletedAt, title }) => [
        createdAt.toISOString(),
        sessionId,
        deletedAt === null ? status : 'deleted',
        title ?? '-',
      ]),
    ];
  }
  return [['completed', 'session', 'attempt', 'type', 'seconds', 'micro-USD', 'reason'], evidence.lines.map(logRow)];
}

function logRow(line: LogLine): string[] {
  return [
    line.completedAt.toISOString(),
    line.sessionId,
    String(line.attempt),
    line.transcriptionType,
    String(line.countedSeconds),
    line.costMicros.toString(),
    line.billingReason,
  ];
}
