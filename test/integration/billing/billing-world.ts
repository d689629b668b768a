import { SandboxSubscriptionDesk } from '#application/billing/sandbox-subscription-desk';
import { PaymentEventHandling } from '#application/payments/payment-event-handling';
import { PaymentEventIntake } from '#application/payments/payment-event-intake';
import { type Answered, TestApp, type TestUser } from '#test/support/app';
import { ManualClock } from '#test/support/fakes/manual-clock';
import { openApiCheck } from '#test/support/openapi-check';

const BILLING = '/api/v1/billing';
const DAY_S = 24 * 60 * 60;

/** Subscriptions through HTTP over the sandbox, whose time is moved by hand. Every answer is compared with the OpenAPI document. */
export class BillingWorld {
  private constructor(
    readonly app: TestApp,
    readonly clock: ManualClock,
    private readonly check: ReturnType<typeof openApiCheck>,
  ) {}

  static async start(): Promise<BillingWorld> {
    const clock = new ManualClock('2026-03-10T12:00:00.000Z');
    const app = await TestApp.start({ clock, poolSize: 40 });
    const document = (await app.call('GET', '/openapi.json')).body as object;
    return new BillingWorld(app, clock, openApiCheck(document));
  }

  stop(): Promise<void> {
    return this.app.stop();
  }

  async asked(method: string, path: string, given: Parameters<TestApp['call']>[2], pattern = path): Promise<Answered> {
    const answer = await this.app.call(method, path, given);
    this.check.expectDocumented(method, pattern.split('?')[0]!, answer.status, answer.body);
    return answer;
  }

  get(as: TestUser, path: string): Promise<Answered> {
    return this.asked('GET', `${BILLING}/${path}`, { as });
  }

  post(as: TestUser, path: string, body?: object, key?: string): Promise<Answered> {
    const headers: Record<string, string> = key === undefined ? {} : { 'Idempotency-Key': key };
    return this.asked('POST', `${BILLING}/${path}`, { as, body, headers });
  }

  checkout(as: TestUser, plan = 'student', cycle = 'month', more: object = {}, key?: string): Promise<Answered> {
    return this.post(as, 'checkout', { plan_id: plan, billing_cycle: cycle, ...more }, key);
  }

  async current(as: TestUser): Promise<Answered['body']> {
    return (await this.get(as, 'subscription')).body;
  }

  /** The sandbox's pages have another host in their addresses than the test's server. */
  page(url: string, method = 'GET', headers: Readonly<Record<string, string>> = {}): Promise<Response> {
    const { pathname, search } = new URL(url, this.app.url);
    return fetch(this.app.url + pathname + search, { method, headers, redirect: 'manual' });
  }

  async paid(url: string): Promise<Response> {
    const answer = await this.page(`${url}/pay`, 'POST');
    await this.handled();
    return answer;
  }

  /** What a worker does with notices. */
  async handled(): Promise<void> {
    const waiting = await this.app.rows<{ id: string }>(`select id from payment_events where status = 'received'`);
    for (const { id } of waiting) await this.app.container.get(PaymentEventHandling).execute(id);
  }

  /** A subscriber whose trial is over, and who has paid once. */
  async subscriber(plan = 'student', cycle = 'month'): Promise<TestUser> {
    const user = await this.app.user();
    await this.paid((await this.checkout(user, plan, cycle)).body.url);
    const { trial_end: end } = await this.current(user);
    if (end !== null) await this.until(new Date(end));
    return user;
  }

  days(count: number): Promise<void> {
    return this.until(new Date(this.clock.now().getTime() + count * DAY_S * 1000));
  }

  /** Moves time, and lets happen at the provider what is due by then. */
  async until(at: Date): Promise<void> {
    this.clock.set(at);
    const { container } = this.app;
    const desk = container.get(SandboxSubscriptionDesk);
    const intake = container.get(PaymentEventIntake);
    for (const notice of await desk.run(100)) await intake.execute(notice);
    await this.handled();
  }

  /** By a button of the portal. */
  async deed(as: TestUser, deed: string): Promise<Response> {
    const [{ external_id: id }] = (await this.app.rows<{ external_id: string }>(
      'select external_id from subscriptions where user_id = $1 order by started_at desc',
      [as.id],
    )) as [{ external_id: string }];
    const { url } = (await this.post(as, 'portal')).body;
    const answer = await this.page(`${url}/${id}/${deed}`, 'POST');
    await this.handled();
    return answer;
  }

  async planOf({ id }: TestUser): Promise<string> {
    const [row] = await this.app.rows<{ plan: string }>('select plan from users where id = $1', [id]);
    return row!.plan;
  }

  /** Of a user: customers, checkouts that are open at the provider, subscriptions that run. */
  async counts({ id }: TestUser): Promise<readonly number[]> {
    const [row] = await this.app.rows<{ counts: number[] }>(
      `select array[
         (select count(*)::int from payment_customers where user_id = $1),
         (select count(*)::int from sandbox_subscription_checkouts join payment_customers using (customer_id)
           where user_id = $1 and state = 'open'),
         (select count(*)::int from subscriptions where user_id = $1 and ended_at is null)] as counts`,
      [id],
    );
    return row!.counts;
  }

  /** The value of a metric: 0 when it was never counted. */
  async metric(line: string): Promise<number> {
    const { body } = await this.app.call('GET', '/metrics');
    const found = String(body)
      .split('\n')
      .find((one) => one.startsWith(`${line} `));
    return Number(found?.split(' ')[1] ?? 0);
  }
}
