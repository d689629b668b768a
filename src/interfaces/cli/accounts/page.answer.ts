import type { BegunPageSession } from '#application/accounts/page-session-creation';
import type { User } from '#domain/accounts/user';
import type { Answer } from '../shared/answer.js';

export function pageClosed({ email, id }: User, closed: number, dryRun: boolean): Answer {
  const sessions = `${closed} ${closed === 1 ? 'session' : 'sessions'} of the page`;
  const done = dryRun ? `Would end ${sessions} of ${email}.` : `Ended ${sessions} of ${email}.`;
  return {
    json: { dry_run: dryRun, changed: closed > 0, user_id: id, closed },
    text: closed === 0 ? `${email} has no session of the page open.` : done,
    note: dryRun ? 'Nothing was changed.' : 'API keys of this user go on working.',
  };
}

/** The address is the whole answer, so that a script can pass it on; nobody sees it a second time. */
export function pageOpened({ email, id }: User, { session, url }: BegunPageSession, dryRun: boolean): Answer {
  const expiresAt = session.expiresAt.toISOString();
  const page = session.scope === 'admin' ? 'admin page' : 'billing page';
  return {
    json: {
      dry_run: dryRun,
      changed: true,
      user_id: id,
      scope: session.scope,
      url: dryRun ? null : url,
      expires_at: expiresAt,
    },
    text: dryRun ? `Would make a link to the ${page} for ${email}, good until ${expiresAt}.` : url,
    note: dryRun
      ? 'Nothing was changed.'
      : `Opens the ${page} as ${email}, in one browser, until ${expiresAt}. Whoever has this link is signed in: hand it to nobody else.`,
  };
}
