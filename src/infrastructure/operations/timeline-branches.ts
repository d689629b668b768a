import type { TimelineKind } from '#application/operations/user-timeline';

/** Where the entries of one kind lie: expressions over `from`, where $1 is the user. */
export interface Branch {
  readonly from: string;
  readonly where: string;
  /** The instant, by which an index on the user has them in order. */
  readonly at: string;
  readonly id: string;
  readonly micros?: string;
  readonly minor?: string;
  readonly currency?: string;
  readonly amount?: string;
  readonly unit?: string;
  readonly facts: Readonly<Record<string, string>>;
  readonly links: Readonly<Record<string, string>>;
}

/** Each column under its own name, instants as the wire has them. */
function columns(...names: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(names.map((name) => [name, INSTANT.test(name) ? instant(name) : `t.${name}`]));
}

const INSTANT = /_(?:at|start|end)$/;

function instant(column: string): string {
  return `to_char(t.${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
}

const ofUser = 't.user_id = $1';

/** What coaches call their sessions and files is not shown: an operator needs none of it to explain a number. */
export const BRANCHES: Readonly<Record<TimelineKind, Branch>> = {
  ai_request: {
    from: 'ai_usage_logs t',
    where: ofUser,
    at: 't.started_at',
    id: 't.id',
    micros: 't.cost_micros',
    amount: `(select sum(q.value::numeric) from jsonb_each_text(t.quantities) q where q.key like '%token')`,
    unit: `'tokens'`,
    facts: {
      ...columns('request_id', 'endpoint', 'modality', 'streamed', 'requested_model', 'provider', 'model'),
      ...columns('quantities', 'usage_source', 'outcome', 'held_micros', 'provider_cost_micros', 'total_ms'),
      attempts: 'jsonb_array_length(t.attempts)',
    },
    links: columns('request_id', 'trace_id'),
  },
  audit: {
    from: 'audit_log t',
    where: ofUser,
    at: 't.created_at',
    id: 't.id',
    facts: columns('actor', 'action', 'reason', 'before', 'after'),
    links: { actor: 't.actor' },
  },
  budget_alert: {
    from: 'budget_alerts t',
    where: 't.budget_id = $1',
    at: 't.at',
    id: 't.id',
    micros: 't.used_micros',
    facts: {
      ...columns('limit_micros', 'projected_micros', 'period_start', 'period_end', 'cadence', 'delivered_at'),
      alert: 't.kind',
    },
    links: {},
  },
  budget_reset: {
    from: 'budget_resets t',
    where: 't.budget_id = $1',
    at: 't.at',
    id: 't.id',
    micros: 't.previous_used_micros',
    facts: {
      ...columns('cause', 'actor', 'reason', 'previous_limit_micros', 'new_limit_micros', 'previous_start'),
      ...columns('previous_end', 'new_start', 'new_end'),
    },
    links: { actor: 't.actor' },
  },
  credit: {
    from: 'credit_transactions t',
    where: ofUser,
    at: 't.created_at',
    id: 't.id',
    micros: 't.amount_micros',
    facts: {
      ...columns('sequence', 'type', 'description', 'actor', 'key', 'debt_micros', 'balance_after_micros'),
      ...columns('debt_after_micros', 'metadata'),
    },
    links: {
      actor: 't.actor',
      payment_id: `t.metadata ->> 'payment_id'`,
      log_id: `t.metadata ->> 'log_id'`,
      trace_id: `t.metadata ->> 'trace_id'`,
    },
  },
  device_created: {
    from: 'devices t',
    where: ofUser,
    at: 't.created_at',
    id: 't.id',
    facts: columns('name', 'prefix', 'last_four', 'last_seen_at', 'revoked_at'),
    links: { device_id: 't.id' },
  },
  device_revoked: {
    from: 'devices t',
    where: `${ofUser} and t.revoked_at is not null`,
    at: 't.revoked_at',
    id: 't.id',
    facts: columns('name', 'prefix', 'last_four', 'last_seen_at', 'created_at'),
    links: { device_id: 't.id' },
  },
  invoice: {
    from: 'invoices t',
    where: ofUser,
    at: 't.created_at',
    id: 't.id',
    minor: 't.total',
    currency: 't.currency',
    facts: {
      ...columns('number', 'status', 'reason', 'amount_due', 'amount_paid', 'amount_remaining', 'tax', 'period_start'),
      ...columns('period_end', 'attempts', 'next_attempt_at', 'due_at', 'paid_at', 'external_id'),
    },
    links: { subscription: 't.subscription_id', hosted_url: 't.hosted_url', pdf_url: 't.pdf_url' },
  },
  notification: {
    from: 'notifications t',
    where: ofUser,
    at: 't.created_at',
    id: 't.id',
    facts: { ...columns('severity', 'title', 'message', 'facts', 'read_at'), notification: 't.kind' },
    links: { notification_id: 't.id' },
  },
  page_session: {
    from: 'page_sessions t',
    where: ofUser,
    at: 't.created_at',
    id: 't.id',
    facts: columns('scope', 'opened_as', 'expires_at', 'ended_at'),
    links: {},
  },
  payment: {
    from: 'payments t',
    where: ofUser,
    at: 't.created_at',
    id: 't.id',
    micros: 't.credit_micros',
    minor: 't.amount_minor',
    currency: 't.currency',
    facts: {
      ...columns('status', 'package_id', 'problem', 'refunded_minor', 'disputed_minor', 'expires_at', 'completed_at'),
      ...columns('gateway', 'checkout_id', 'payment_intent_id'),
    },
    links: { payment_id: 't.id' },
  },
  period_reset: {
    from: 'period_resets t',
    where: ofUser,
    at: 't.created_at',
    id: 't.id',
    facts: columns('actor', 'reason', 'previous_start', 'new_start', 'undone_at', 'undone_by', 'undo_reason'),
    links: { actor: 't.actor' },
  },
  refusal: {
    from: 'refusals t',
    where: ofUser,
    at: 't.at',
    id: 't.id',
    facts: { ...columns('code', 'message', 'facts', 'route'), refusal: 't.kind' },
    links: columns('request_id'),
  },
  reported_usage: {
    from: 'provider_usage_logs t',
    where: ofUser,
    at: 't.at',
    id: 't.id',
    micros: 'coalesce(t.actual_micros, t.estimated_micros)',
    amount: 'nullif(t.tokens, 0)',
    unit: `'tokens'`,
    facts: {
      ...columns('request_id', 'service', 'provider', 'model', 'operation', 'succeeded', 'actor'),
      is_estimate: 't.actual_micros is null',
    },
    links: columns('request_id'),
  },
  session: {
    from: 'sessions t',
    where: ofUser,
    at: 't.created_at',
    id: 't.id',
    amount: 't.duration_seconds',
    unit: `'seconds'`,
    facts: columns('status', 'language', 'stt_provider', 'bytes', 'attempts', 'error', 'updated_at', 'deleted_at'),
    links: { session_id: 't.id' },
  },
  subscription: {
    from: 'subscription_steps t',
    where: ofUser,
    at: 't.at',
    id: 't.id',
    facts: { step: 't.kind', external_id: 't.external_id', facts: 't.facts' },
    links: { subscription: 't.external_id' },
  },
  transcription: {
    from: 'usage_logs t',
    where: ofUser,
    at: 't.completed_at',
    id: 't.id',
    micros: 't.cost_micros',
    amount: 't.counted_seconds',
    unit: `'seconds'`,
    facts: {
      ...columns('attempt', 'transcription_type', 'outcome', 'audio_seconds', 'counted_transcriptions', 'billable'),
      ...columns('billing_reason', 'provider_cost_micros', 'provider', 'model', 'plan', 'language', 'started_at'),
    },
    links: columns('session_id', 'parent_log_id'),
  },
};
