import type { BrowserUser, TestServer } from './server.js';

/** What the API says of a user's subscription: the truth that the page is held against. */
export interface SubscriptionFacts {
  readonly tier: string;
  readonly status: string;
  readonly cancel_at_period_end: boolean;
  readonly current_period_end: string | null;
  readonly grace_period_ends_at: string | null;
  readonly pending_change: { readonly plan_id: string; readonly effective_at: string } | null;
}

export interface Meter {
  readonly used: number;
  readonly limit: number | 'unlimited';
}

export interface UsageFacts {
  readonly plan: string;
  readonly sessions: Meter;
  readonly minutes: Meter;
}

export interface InvoiceFacts {
  readonly number: string;
  readonly status: string;
  readonly total: number;
  readonly amount_paid: number;
  readonly amount_remaining: number;
}

export interface CreditEntryFacts {
  readonly type: string;
  readonly amount: number;
  readonly balance_after: number;
}

/** A user who pays for a plan, without the free trial: that one was used up by an earlier subscription, as it is in life. */
export async function newSubscriber(server: TestServer, plan: string): Promise<BrowserUser> {
  const user = await server.newUser();
  await subscribe(server, user, plan);
  await server.call('POST', '/api/v1/billing/subscription/cancel', user.key, { when: 'now' });
  await subscribe(server, user, plan);
  return user;
}

async function subscribe(server: TestServer, user: BrowserUser, plan: string): Promise<void> {
  const order = { plan_id: plan, billing_cycle: 'month' };
  const { url } = await server.call<{ url: string }>('POST', '/api/v1/billing/checkout', user.key, order);
  await server.press(`${url}/pay`);
}

export function subscriptionOf(server: TestServer, user: BrowserUser): Promise<SubscriptionFacts> {
  return server.call('GET', '/api/v1/billing/subscription', user.key);
}

export function usageOf(server: TestServer, user: BrowserUser): Promise<UsageFacts> {
  return server.call('GET', '/api/v1/usage/current', user.key);
}

/** Newest first. */
export async function invoicesOf(server: TestServer, user: BrowserUser): Promise<readonly InvoiceFacts[]> {
  const { data } = await server.call<{ data: InvoiceFacts[] }>('GET', '/api/v1/billing/invoices', user.key);
  return data;
}

/** Newest first. */
export async function ledgerOf(server: TestServer, user: BrowserUser): Promise<readonly CreditEntryFacts[]> {
  const { data } = await server.call<{ data: CreditEntryFacts[] }>('GET', '/api/v1/credits/transactions', user.key);
  return data;
}

export async function makeSessions(server: TestServer, user: BrowserUser, count: number): Promise<void> {
  for (let made = 1; made <= count; made += 1) {
    await server.call('POST', '/api/v1/sessions', user.key, { title: `Session ${made}` });
  }
}
