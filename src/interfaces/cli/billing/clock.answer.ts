import type { ClockAdvanced } from '#application/billing/clock-advance';
import type { ClockEvent } from '#application/billing/clock-timeline';
import type { ClockState } from '#application/billing/get-clock';
import type { Passed } from '#application/billing/time-passing';
import { type Answer, fields, table } from '../shared/answer.js';

const DAY_MS = 24 * 60 * 60 * 1000;

export function clockShown({ now, worldNow, offsetMs, isMovable }: ClockState): Answer {
  const days = (offsetMs / DAY_MS).toFixed(1);
  return {
    json: { now: now.toISOString(), world_now: worldNow.toISOString(), offset_ms: offsetMs, movable: isMovable },
    text: fields([
      ['now', now.toISOString()],
      ['in the world', worldNow.toISOString()],
      ['ahead', `${days} days`],
      ['can be moved', isMovable ? 'yes' : 'no: payments are real, or this is production'],
    ]),
  };
}

export function clockAdvanced({ from, to, steps, passed, events }: ClockAdvanced, dryRun: boolean): Answer {
  const moved = `${from.toISOString()} to ${to.toISOString()}`;
  const sentence = dryRun
    ? `The clock would move from ${moved}. Nothing was changed.`
    : `The clock moved from ${moved}.`;
  const rows = events.map((event) => [shortly(event.at), event.email, wordsOf(event), detailsOf(event)]);
  const names = Object.keys(passed) as (keyof Passed)[];
  const counts = names.filter((name) => passed[name] > 0).map((name) => counted(name, passed[name]));
  return {
    json: {
      from: from.toISOString(),
      to: to.toISOString(),
      steps,
      passed,
      events: events.map((event) => ({
        at: event.at.toISOString(),
        what: event.what,
        kind: event.kind,
        user_id: event.userId,
        email: event.email,
        title: event.title,
        facts: event.facts,
      })),
      done: !dryRun,
    },
    text: [
      rows.length === 0 ? 'Nothing happened to any subscription.' : table(['when', 'who', 'what', 'details'], rows),
      ...(counts.length > 0 ? [counts.join(', ')] : []),
      sentence,
    ].join('\n'),
  };
}

const ONE: Readonly<Record<keyof Passed, string>> = {
  payment_events: 'payment event',
  graces_ended: 'grace ended',
  reminders: 'reminder',
  included_credits: 'included credit',
  accounts_swept: 'account swept',
  revenue_days: 'revenue day',
  budget_alerts: 'budget alert',
  failed: 'failed',
};

function counted(name: keyof Passed, count: number): string {
  return `${count} ${count === 1 ? ONE[name] : name.replaceAll('_', ' ')}`;
}

function shortly(instant: Date): string {
  return instant.toISOString().slice(0, 16).replace('T', ' ');
}

function wordsOf({ what, kind }: ClockEvent): string {
  return what === 'notification' ? `told: ${kind}` : kind;
}

/** Everything that a step says, one name and value after the other; a notification has its title. */
function detailsOf({ what, title, facts }: ClockEvent): string {
  if (what === 'notification') return title;
  return Object.entries(facts)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name}=${String(value)}`)
    .join(' ');
}
