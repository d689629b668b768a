import type { TimelineEntry, TimelineFacts, TimelineKind } from '#application/operations/user-timeline';

/** One line that says what an entry is. */
export function titleOf({ kind, facts }: Pick<TimelineEntry, 'kind' | 'facts'>): string {
  return TITLES[kind](facts);
}

const TITLES: Readonly<Record<TimelineKind, (facts: TimelineFacts) => string>> = {
  ai_request: (facts) =>
    `AI request to ${text(facts, 'requested_model')}: ${words(facts, 'outcome')}${by(facts, 'provider')}`,
  audit: (facts) => `${text(facts, 'action')}, by ${text(facts, 'actor')}`,
  budget_alert: (facts) => `Budget alert: ${words(facts, 'alert')}`,
  budget_reset: (facts) =>
    facts['cause'] === 'cadence' ? 'Budget period begun anew by another cadence' : 'Budget period reset',
  credit: (facts) => `Credit: ${words(facts, 'type')}, ${text(facts, 'description')}`,
  device_created: (facts) => `Device created: ${text(facts, 'name')}`,
  device_revoked: (facts) => `Device revoked: ${text(facts, 'name')}`,
  invoice: (facts) => `Invoice ${text(facts, 'number', 'without a number')}: ${words(facts, 'status')}`,
  notification: (facts) => `Notification: ${text(facts, 'title')}`,
  page_session: (facts) =>
    `Page session of scope ${text(facts, 'scope')} ${facts['opened_as'] == null ? 'made, and not opened' : 'opened'}`,
  payment: (facts) => `Payment: ${words(facts, 'status')}`,
  period_reset: (facts) => `Billing period reset${facts['undone_at'] == null ? '' : ', and undone'}`,
  refusal: (facts) => `Refused: ${text(facts, 'message')}`,
  reported_usage: (facts) => `Reported use of ${text(facts, 'provider')}: ${text(facts, 'operation')}`,
  session: (facts) => `Session created, ${facts['deleted_at'] == null ? words(facts, 'status') : 'deleted'} by now`,
  subscription: (facts) => `Subscription: ${words(facts, 'step')}`,
  transcription: (facts) =>
    `Transcription ${words(facts, 'outcome')}${by(facts, 'provider')}: ${words(facts, 'billing_reason')}`,
};

function text(facts: TimelineFacts, name: string, missing = 'unknown'): string {
  const fact = facts[name];
  return typeof fact === 'string' && fact !== '' ? fact : missing;
}

/** A word of the database as people write it. */
function words(facts: TimelineFacts, name: string): string {
  return text(facts, name).replaceAll('_', ' ');
}

function by(facts: TimelineFacts, name: string): string {
  return facts[name] == null ? '' : `, by ${text(facts, name)}`;
}
