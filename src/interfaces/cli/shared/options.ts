import { type Command, InvalidArgumentError } from 'commander';
import type { User } from '#domain/accounts/user';
import { UserNotFound, UserRepository } from '#domain/accounts/user-repository';
import { DomainException } from '#domain/shared/domain-exception';
import { findId } from '#domain/shared/id';
import type { System } from './surroundings.js';

export interface UserChoice {
  readonly user?: string;
  readonly email?: string;
}

export interface ChangeOptions {
  readonly reason?: string;
  readonly dryRun?: boolean;
}

export function takesJson(command: Command): Command {
  return command.option('--json', 'answer with JSON, for scripts');
}

export function takesUser(command: Command): Command {
  return command.option('--user <id>', 'the user, by id').option('--email <address>', 'the user, by e-mail address');
}

export function takesChange(command: Command): Command {
  return takesJson(
    command
      .option('--reason <text>', 'why; kept in the audit log with your name')
      .option('--dry-run', 'show what would change, and change nothing'),
  );
}

/** Ends the command (64) unless exactly one of --user and --email is given; answers how to find that user. */
export function chosenUser(
  command: Command,
  { user, email }: UserChoice,
  otherwise = '',
): (system: System) => Promise<User> {
  if ((user === undefined) === (email === undefined)) {
    const found = user === undefined ? 'neither is given' : 'both are given';
    usageError(command, `say which user with either --user <id> or --email <address>${otherwise}; ${found}`);
  }
  return async (system) => {
    const users = system.get(UserRepository);
    if (email !== undefined) return users.getByEmail(email);
    // A malformed id names nobody, like an unknown one.
    const id = findId<'User'>(user);
    if (id === null) throw new UserNotFound(user!);
    return users.get(id);
  };
}

/** Ends the command (64) when a change has no reason. A dry run needs none: nothing of it is kept. */
export function reasonOf(command: Command, { reason, dryRun }: ChangeOptions): string {
  const given = reason?.trim() ?? '';
  if (given !== '') return given;
  if (dryRun) return 'dry run';
  return usageError(command, 'say why with --reason <text>, for the audit log, or look first with --dry-run');
}

/** Ends the command with exit code 64. */
export function usageError(command: Command, message: string): never {
  return command.error(`error: ${message}`, { code: 'minutebook.usage' });
}

/** An argument that a function of the domain reads: what it refuses is a mistake in the command line. */
export function parsedBy<T>(parse: (text: string) => T): (text: string) => T {
  return (text) => {
    try {
      return parse(text);
    } catch (error) {
      if (error instanceof DomainException) throw new InvalidArgumentError(error.message);
      throw error;
    }
  };
}

const INSTANT = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2}))?$/;

/** ISO 8601 with its offset from UTC, or a date alone, which is its midnight in UTC: never the time of this machine. */
export function instant(text: string): Date {
  const at = new Date(text);
  const isADay =
    !Number.isNaN(Date.parse(text)) &&
    new Date(`${text.slice(0, 10)}T00:00:00Z`).getUTCDate() === Number(text.slice(8, 10));
  if (!INSTANT.test(text) || !isADay) {
    throw new InvalidArgumentError(
      'An instant is a date (2026-11-01, midnight in UTC) or a date, time and offset (2026-11-01T09:30:00Z).',
    );
  }
  return at;
}

/** A whole number from `least` to `most`. */
export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least || value > most) {
      throw new InvalidArgumentError(`A whole number from ${least} to ${most} is wanted.`);
    }
    return value;
  };
}
