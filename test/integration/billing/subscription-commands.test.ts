import { SandboxSubscriptionDesk } from '#application/billing/sandbox-subscription-desk';
import { SubscriptionCheckout } from '#application/billing/subscription-checkout';
import { UserRegistration } from '#application/accounts/user-registration';
import { CommandLine } from '../cli/command-line.js';

let cli: CommandLine;

beforeEach(async () => {
  cli = await CommandLine.start();
});
afterEach(() => cli?.cleanUp());

const EMAIL = 'ada@example.com';

/** Somebody who has paid at the provider, of which no message has come. */
async function paidUnheard(): Promise<void> {
  const system = await cli.open('migrated');
  try {
    const person = { email: EMAIL, name: 'Ada', plan: 'free', role: 'user', actor: 'test', reason: null } as const;
    const { id: userId } = await system.get(UserRegistration).execute(person);
    const { sessionId } = await system
      .get(SubscriptionCheckout)
      .execute({ userId, planId: 'student', cycle: 'month', successUrl: null, cancelUrl: null });
    await system.get(SandboxSubscriptionDesk).payCheckout(sessionId);
  } finally {
    await system.close();
  }
}

const sync = (...more: string[]) => cli.json(['subscription', 'sync', '--email', EMAIL, ...more]);
const show = () => cli.json(['subscription', 'show', '--email', EMAIL]);

describe('minutebook subscription sync', () => {
  it('shows in a dry run what it would change, and changes nothing', async () => {
    await paidUnheard();
    const before = await cli.everything();
    const answer = await sync('--dry-run');
    expect(answer).toMatchObject({ dry_run: true, changed: true });
    expect(answer.subscriptions[0].changes).toMatchObject({
      status: { before: null, after: 'trialing' },
      gives_plan: { before: null, after: 'student' },
    });
    expect(await cli.everything()).toBe(before);
  });

  it('brings the plan home, once, and keeps who asked and why', async () => {
    await paidUnheard();
    expect(await sync('--reason', 'case 812')).toMatchObject({ dry_run: false, changed: true });
    expect(await sync('--reason', 'case 813')).toMatchObject({ changed: false, subscriptions: [] });
    expect(await cli.rows(`select plan from users where email = $1`, [EMAIL])).toEqual([{ plan: 'student' }]);
    expect(
      await cli.rows(`select actor, reason from audit_log where action = 'subscription.sync' order by created_at, id`),
    ).toEqual([
      { actor: 'cli:tester', reason: 'case 812' },
      { actor: 'cli:tester', reason: 'case 813' },
    ]);
    const { stdout } = await cli.run(['subscription', 'sync', '--email', EMAIL, '--dry-run']);
    expect(stdout).toContain('nothing to change');
  });

  it('needs a reason and one user, and says so of somebody who is no customer', async () => {
    await paidUnheard();
    expect((await cli.run(['subscription', 'sync', '--email', EMAIL])).exitCode).toBe(64);
    expect((await cli.run(['subscription', 'sync', '--dry-run'])).exitCode).toBe(64);
    expect((await cli.run(['subscription', 'sync', '--email', 'no@example.com', '--dry-run'])).exitCode).toBe(66);
    await cli.json(['user', 'create', '--email', 'bob@example.com', '--name', 'Bob', '--reason', 'test']);
    const { stdout } = await cli.run(['subscription', 'sync', '--email', 'bob@example.com', '--reason', 'test']);
    expect(stdout).toContain('no customer');
  });
});

describe('minutebook subscription show', () => {
  it('shows how it stands, what happened, and the invoices', async () => {
    await paidUnheard();
    expect(await show()).toMatchObject({ plan: 'free', subscriptions: [], steps: { total: 0 } });
    await sync('--reason', 'test');
    expect(await show()).toMatchObject({
      plan: 'student',
      subscriptions: [{ status: 'trialing', plan: 'student', billing_cycle: 'month', price: 999, dunning: 'clear' }],
      steps: { data: [{ kind: 'trial_started' }], total: 1, has_more: false },
      invoices: { data: [{ status: 'paid', total: 0, currency: 'usd' }], total: 1 },
    });
    const { stdout } = await cli.run(['subscription', 'show', '--email', EMAIL]);
    expect(stdout).toMatch(/^provider +sandbox$/m);
    expect(stdout).toMatch(/trial_started +plan=student/);
    expect(stdout).toMatch(/SANDBOX-\w+-0001 +paid/);
  });
});
