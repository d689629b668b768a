import type { User } from '#domain/accounts/user';
import type { StandingReset } from '#domain/usage/period-timeline';
import type { AllEndedReset, ResetProgress } from '#application/usage/all-ended-periods-reset';
import type { PeriodChange, PeriodState } from '#application/usage/billing-period-reset';
import { type Answer, type Facts, difference, fields } from '../shared/answer.js';
import { ExitCode } from '../shared/exit-code.js';
import { periodJson, periodText } from './usage.answer.js';

export function periodShown(user: User, resets: readonly StandingReset[], now: Date): Answer {
  const period = user.billingPeriodAt(now);
  const lastReset = resets.at(-1)?.newStart ?? null;
  const daysLeft = period.daysLeftAt(now);
  return {
    json: {
      user_id: user.id,
      email: user.email,
      ...periodJson(period),
      anchor: user.periodAnchor?.toISOString() ?? null,
      days_left: daysLeft,
      resets: resets.length,
      last_reset_at: lastReset?.toISOString() ?? null,
    },
    text: fields([
      ['user', user.email],
      ['period', periodText(period)],
      ['days left', daysLeft === null ? 'none counted' : String(daysLeft)],
      ['anchor', user.periodAnchor?.toISOString() ?? 'none'],
      [
        'last reset',
        lastReset === null ? 'never' : `${lastReset.toISOString()} ("minutebook period undo" takes it back)`,
      ],
    ]),
  };
}

export function periodChanged(deed: 'reset' | 'undo', { user, before, after, reset, done }: PeriodChange): Answer {
  const [was, is] = [stateJson(before), stateJson(after)];
  const sentence = {
    reset: done ? 'Reset the billing period of' : 'Would reset the billing period of',
    undo: done ? 'Took back the latest reset of' : 'Would take back the latest reset of',
  }[deed];
  return {
    json: {
      dry_run: !done,
      changed: true,
      user_id: user.id,
      email: user.email,
      reset_id: deed === 'reset' && !done ? null : reset.id,
      reset_at: reset.newStart.toISOString(),
      before: was,
      after: is,
    },
    text: `${sentence} ${user.email}:\n${difference(was, is)}`,
    note: done
      ? deed === 'reset'
        ? 'Take it back with "minutebook period undo".'
        : undefined
      : 'Nothing was changed.',
  };
}

function stateJson({ period, anchor, usage }: PeriodState): Facts {
  return {
    ...periodJson(period),
    anchor: anchor?.toISOString() ?? null,
    sessions: usage.sessions,
    used_minutes: usage.used.minutes,
    used_seconds: usage.used.seconds,
    held_seconds: usage.held.seconds,
    transcriptions: usage.transcriptions,
  };
}

export function allEndedMoved({ moved, left, done }: AllEndedReset): Answer {
  const users = `${moved} ${moved === 1 ? 'user' : 'users'} whose period had ended into the current one`;
  return {
    json: { dry_run: !done, changed: moved > 0, interrupted: false, moved, left },
    text: done ? `Brought ${users}.` : `Would bring ${users}.`,
    note: !done
      ? 'Nothing was changed.'
      : left > 0
        ? `${left} users were busy and are left; run the command again for them. Their limits are right meanwhile.`
        : undefined,
  };
}

/** Every batch told of is kept. */
export function allEndedInterrupted({ moved }: ResetProgress, dryRun: boolean): Answer {
  return {
    json: { dry_run: dryRun, changed: moved > 0, interrupted: true, moved, left: null },
    text: dryRun
      ? `Interrupted after counting ${moved}.`
      : `Interrupted: ${moved} users were brought into the current period, and stay there.`,
    note: dryRun ? 'Nothing was changed.' : 'Run the command again to go on.',
    exitCode: ExitCode.interrupted,
  };
}
