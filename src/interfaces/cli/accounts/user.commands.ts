import type { Command } from 'commander';
import { InvalidArgumentError, Option } from 'commander';
import { DeviceRegistration } from '#application/accounts/device-registration';
import { ListUsers } from '#application/accounts/list-users';
import { UserChange, type UserChanges } from '#application/accounts/user-change';
import { UserRegistration } from '#application/accounts/user-registration';
import { GetRunningSubscription, remarkOn } from '#application/billing/get-running-subscription';
import { Clock } from '#application/ports/clock';
import { Transaction } from '#application/ports/transaction';
import { DeviceRepository } from '#domain/accounts/device';
import { ROLES, role, type Role } from '#domain/accounts/role';
import { UserRepository } from '#domain/accounts/user-repository';
import { PLAN_NAMES, planName, type PlanName } from '#domain/plans/plan-name';
import {
  type ChangeOptions,
  type UserChoice,
  chosenUser,
  parsedBy,
  reasonOf,
  takesChange,
  takesJson,
  takesUser,
  wholeNumber,
} from '../shared/options.js';
import { perform } from '../shared/rehearsal.js';
import type { Run } from '../shared/run.js';
import { telegramCommand } from './telegram.commands.js';
import { keyMade, userChanged, userCreated, userShown, usersListed } from './user.answer.js';

const PLANS = PLAN_NAMES.join(', ');

export function userCommands(program: Command, run: Run): void {
  const user = program
    .command('user')
    .summary('users, their plans and keys')
    .description('Users: who they are, what they may do, and their API keys.');
  creation(user, run);
  questions(user, run);
  planAndRole(user, run);
  suspension(user, run);
  key(user, run);
  telegramCommand(user, run);
}

function creation(user: Command, run: Run): void {
  takesChange(
    user
      .command('create')
      .summary('register a user')
      .description('Registers a user, whose first billing period begins now.')
      .requiredOption('--email <address>', 'their e-mail address', emailAddress)
      .requiredOption('--name <name>', 'their name', someText)
      .addOption(new Option('--plan <plan>', `one of ${PLANS}`).default('free').argParser(parsedBy(planName)))
      .addOption(new Option('--role <role>', `one of ${ROLES.join(', ')}`).default('user').argParser(parsedBy(role))),
  )
    .addHelpText(
      'after',
      '\nExample:\n  $ minutebook user create --email ada@example.com --name "Ada Byron" --plan pro --reason "signed up by phone"',
    )
    .action(async (options: NewUserOptions & ChangeOptions, command: Command) => {
      const reason = reasonOf(command, options);
      const { email, name, plan, role, dryRun = false } = options;
      await run.answer(async (system) => {
        const created = await perform(system.get(Transaction), dryRun, () =>
          system.get(UserRegistration).execute({ email, name, plan, role, actor: run.surroundings.actor, reason }),
        );
        return userCreated(created, dryRun, system.get(Clock).now());
      });
    });
}

interface NewUserOptions {
  readonly email: string;
  readonly name: string;
  readonly plan: PlanName;
  readonly role: Role;
}

function questions(user: Command, run: Run): void {
  takesJson(
    takesUser(
      user
        .command('show')
        .summary('one user and their API keys')
        .description('Shows a user, their billing period and their API keys.'),
    ),
  )
    .addHelpText('after', '\nExample:\n  $ minutebook user show --email ada@example.com')
    .action(async (options: UserChoice, command: Command) => {
      const find = chosenUser(command, options);
      await run.answer(async (system) => {
        const found = await find(system);
        return userShown(found, await system.get(DeviceRepository).listOf(found.id), system.get(Clock).now());
      });
    });

  takesJson(
    user
      .command('list')
      .summary('users, newest first')
      .description('Lists users, newest first.')
      .option('--search <text>', 'part of the e-mail address or the name')
      .option('--limit <number>', 'how many, up to 100', wholeNumber(1, 100), 20)
      .option('--offset <number>', 'how many to pass over', wholeNumber(0, Number.MAX_SAFE_INTEGER), 0),
  )
    .addHelpText('after', '\nExample:\n  $ minutebook user list --search example.com --json | jq ".data[].id"')
    .action(async ({ search, limit, offset }: { search?: string; limit: number; offset: number }) => {
      await run.answer(async (system) => {
        const { items, total } = await system.get(ListUsers).execute(search ?? null, { limit, offset });
        return usersListed(items, total, offset, system.get(Clock).now());
      });
    });
}

function planAndRole(user: Command, run: Run): void {
  takesChange(
    takesUser(
      user
        .command('plan')
        .summary('put a user on another plan')
        .argument('<plan>', `one of ${PLANS}`, parsedBy(planName)),
    ),
  )
    .description('Puts a user on another plan. Its limits apply at once, and what was used stays used.')
    .addHelpText(
      'after',
      '\nExample:\n  $ minutebook user plan pro --email ada@example.com --reason "invoice 2026-113"',
    )
    .action((plan: PlanName, options: UserChoice & ChangeOptions, command: Command) =>
      change(run, command, options, { plan, role: null, suspended: null }),
    );
  takesChange(
    takesUser(
      user
        .command('role')
        .summary('make a user an operator, or no longer one')
        .argument('<role>', `one of ${ROLES.join(', ')}`, parsedBy(role)),
    ),
  )
    .description('Sets the role of a user: "user" uses the product, "admin" also operates it.')
    .addHelpText('after', '\nExample:\n  $ minutebook user role admin --email ada@example.com --reason "joins support"')
    .action((role: Role, options: UserChoice & ChangeOptions, command: Command) =>
      change(run, command, options, { plan: null, role, suspended: null }),
    );
}

function suspension(user: Command, run: Run): void {
  takesChange(takesUser(user.command('suspend').summary('refuse all requests of a user')))
    .description(
      'Suspends a user: within a second every request with one of their keys is refused (403 user_suspended). Nothing is lost.',
    )
    .addHelpText(
      'after',
      '\nExample:\n  $ minutebook user suspend --email ada@example.com --reason "key leaked, case 812"',
    )
    .action((options: UserChoice & ChangeOptions, command: Command) =>
      change(run, command, options, { plan: null, role: null, suspended: true }),
    );
  takesChange(takesUser(user.command('reinstate').summary('let a suspended user back in')))
    .description('Ends the suspension of a user.')
    .addHelpText(
      'after',
      '\nExample:\n  $ minutebook user reinstate --email ada@example.com --reason "case 812 closed"',
    )
    .action((options: UserChoice & ChangeOptions, command: Command) =>
      change(run, command, options, { plan: null, role: null, suspended: false }),
    );
}

async function change(
  run: Run,
  command: Command,
  options: UserChoice & ChangeOptions,
  wanted: UserChanges,
): Promise<void> {
  const find = chosenUser(command, options);
  const reason = reasonOf(command, options);
  const { dryRun = false } = options;
  await run.answer(async (system) => {
    const { id } = await find(system);
    const [before, after] = await perform(system.get(Transaction), dryRun, async () => [
      await system.get(UserRepository).get(id),
      await system.get(UserChange).execute(id, wanted, { actor: run.surroundings.actor, reason }),
    ]);
    const remark = remarkOn(await system.get(GetRunningSubscription).execute(id), after);
    return userChanged(before, after, dryRun, system.get(Clock).now(), remark);
  });
}

function key(user: Command, run: Run): void {
  takesChange(
    takesUser(user.command('key').summary('make an API key for a user')).requiredOption(
      '--name <device>',
      'what to call the key: the device or program that will use it',
      someText,
    ),
  )
    .description(
      'Makes an API key for a user, as far as their plan allows, and shows it once: it is the only line on standard output.',
    )
    .addHelpText(
      'after',
      '\nExample:\n  $ KEY=$(minutebook user key --email ada@example.com --name laptop --reason "new laptop")',
    )
    .action(async (options: UserChoice & ChangeOptions & { name: string }, command: Command) => {
      const find = chosenUser(command, options);
      const reason = reasonOf(command, options);
      const { name, dryRun = false } = options;
      await run.answer(async (system) => {
        const owner = await find(system);
        const operator = { actor: run.surroundings.actor, reason };
        const { device, secret } = await perform(system.get(Transaction), dryRun, () =>
          system.get(DeviceRegistration).execute(owner.id, name, operator),
        );
        return keyMade(owner, device, secret, dryRun);
      });
    });
}

function emailAddress(text: string): string {
  const address = text.trim().toLowerCase();
  if (!/^[^\s@]+@[^\s@]+$/.test(address))
    throw new InvalidArgumentError('An e-mail address is wanted, such as ada@example.com.');
  return address;
}

function someText(text: string): string {
  if (text.trim() === '' || text.trim().length > 255) throw new InvalidArgumentError('1 to 255 characters are wanted.');
  return text.trim();
}
