import { CommanderError } from 'commander';
import { DomainException } from '#domain/shared/domain-exception';
import { EXIT, ExitCode } from './exit-code.js';
import { NotOpened } from './surroundings.js';

/** Why a command did not do what it was told, as it is shown. */
export interface Failure {
  readonly exitCode: ExitCode;
  readonly code: string;
  readonly message: string;
  readonly facts: Readonly<Record<string, unknown>>;
  /** What to do about it, where the message does not say. */
  readonly next: string | null;
}

export function failureOf(error: unknown): Failure {
  if (error instanceof DomainException) {
    const { code, message, facts, refusal } = error;
    return { exitCode: EXIT[refusal], code, message, facts, next: NEXT[code] ?? null };
  }
  if (error instanceof NotOpened) {
    return {
      exitCode: error.exitCode,
      code: `${error.part}_unavailable`,
      message: error.message,
      facts: {},
      next: null,
    };
  }
  if (error instanceof CommanderError) {
    const message = error.message.replace(/^error: /, '');
    return { exitCode: ExitCode.usage, code: 'usage', message, facts: {}, next: null };
  }
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return {
    exitCode: ExitCode.fault,
    code: 'fault',
    message,
    facts: {},
    next: 'This is a fault of the program: report it with these lines.',
  };
}

/** By the refusal's code. */
const NEXT: Readonly<Record<string, string>> = {
  admin_page_for_admins: 'Leave --admin out, or see "minutebook user role --help".',
  user_not_found: 'Look for it with "minutebook user list --search <part of the address or name>".',
  email_taken: 'See that user with "minutebook user show --email <address>".',
  device_name_taken: 'Choose another --name; "minutebook user show" lists the active ones.',
  period_already_reset: 'See the current period with "minutebook period show".',
  no_reset_to_undo: 'See the current period with "minutebook period show".',
  payment_event_not_found: 'See them with "minutebook webhooks list".',
  insufficient_credits: 'See what is free with "minutebook credits show".',
  plan_unknown: 'See "minutebook doctor"; then "minutebook user plan <plan> …".',
  database_unavailable: 'See "minutebook doctor".',
};
