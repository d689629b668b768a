import type { Device } from '#domain/accounts/device';
import type { User } from '#domain/accounts/user';
import { type Answer, type Facts, changes, difference, fields, table } from '../shared/answer.js';

/** What scripts read of a user. */
function userJson(user: User, now: Date): Facts {
  const period = user.billingPeriodAt(now);
  return {
    id: user.id,
    email: user.email,
    name: user.name,
    plan: user.plan,
    role: user.role,
    suspended_at: instantOf(user.suspendedAt),
    period_start: instantOf(period.start),
    resets_at: instantOf(period.end),
    created_at: instantOf(user.createdAt),
  };
}

function deviceJson({ id, name, prefix, lastFour, createdAt, lastSeenAt, revokedAt }: Device): Facts {
  return {
    id,
    name,
    prefix,
    last_four: lastFour,
    created_at: instantOf(createdAt),
    last_seen_at: instantOf(lastSeenAt),
    revoked_at: instantOf(revokedAt),
  };
}

export function userShown(user: User, devices: readonly Device[], now: Date): Answer {
  const json = userJson(user, now);
  const active = devices.filter(({ revokedAt }) => revokedAt === null);
  const keys = table(
    ['key', 'name', 'created', 'last seen'],
    active.map((device) => [
      `${device.prefix}…${device.lastFour}`,
      device.name,
      device.createdAt.toISOString(),
      device.lastSeenAt?.toISOString() ?? 'never',
    ]),
  );
  return {
    json: { ...json, devices: devices.map(deviceJson) },
    text: `${fields(Object.entries(json).map(([name, value]) => [name, String(value ?? 'none')]))}\n\n${
      active.length === 0 ? 'No active API key: make one with "minutebook user key".' : keys
    }`,
  };
}

export function usersListed(users: readonly User[], total: number, offset: number, now: Date): Answer {
  const rows = users.map(({ id, email, name, plan, role, suspendedAt }) => [
    id,
    email,
    name,
    plan,
    role,
    suspendedAt ? 'suspended' : 'active',
  ]);
  const last = offset + users.length;
  return {
    json: { data: users.map((user) => userJson(user, now)), total, has_more: last < total },
    text: rows.length === 0 ? 'No user.' : table(['id', 'email', 'name', 'plan', 'role', 'state'], rows),
    note: last < total ? `${offset + 1} to ${last} of ${total}; go on with --offset ${last}.` : undefined,
  };
}

/** What of a user an operator changes. */
export function changeable({ plan, role, suspendedAt }: User): Facts {
  return { plan, role, suspended_at: instantOf(suspendedAt) };
}

/** @param remark What a subscription that runs means for it; null when nothing. */
export function userChanged(before: User, after: User, dryRun: boolean, now: Date, remark: string | null): Answer {
  const [was, is] = [changeable(before), changeable(after)];
  const lines = difference(was, is);
  const changed = lines !== '';
  const sentence = !changed
    ? `${after.email} is so already: nothing to change.`
    : `${dryRun ? 'Would change' : 'Changed'} ${after.email}:\n${lines}`;
  return {
    json: {
      dry_run: dryRun,
      changed,
      changes: changes(was, is),
      user: userJson(dryRun ? before : after, now),
      subscription_remark: remark,
    },
    text: [sentence, ...(remark === null ? [] : [remark])].join('\n'),
    note: dryRun && changed ? 'Nothing was changed.' : undefined,
  };
}

/** An id that a dry run gave out is nobody's. */
export function userCreated(user: User, dryRun: boolean, now: Date): Answer {
  const { email, name, plan, role } = user;
  const facts = { ...userJson(user, now), ...(dryRun && { id: null }) };
  return {
    json: { dry_run: dryRun, changed: true, user: facts },
    text: dryRun
      ? `Would create ${email} (${name}), plan ${plan}, role ${role}.`
      : `Created ${email} (${name}), plan ${plan}, role ${role}: ${user.id}`,
    note: dryRun
      ? 'Nothing was changed.'
      : `Give them an API key with "minutebook user key --email ${email} --name <device> --reason <text>".`,
  };
}

/** The key is the whole answer, so that a script can keep it; nobody sees it a second time. */
export function keyMade(user: User, device: Device, secret: string, dryRun: boolean): Answer {
  const made = deviceJson(device);
  return {
    json: {
      dry_run: dryRun,
      changed: true,
      user_id: user.id,
      device: dryRun ? { ...made, id: null, prefix: null, last_four: null } : made,
      key: dryRun ? null : secret,
    },
    text: dryRun ? `Would give ${user.email} one more API key, called "${device.name}".` : secret,
    note: dryRun
      ? 'Nothing was changed.'
      : `This is the API key "${device.name}" of ${user.email}. It is shown this once: keep it now.`,
  };
}

function instantOf(at: Date | null): string | null {
  return at?.toISOString() ?? null;
}
