import type { Page, Route } from '@playwright/test';
import type { DeviceListResponse, NewDeviceResponse } from '#interfaces/http/accounts/account.response';
import type { ChangePreviewResponse, SubscriptionResponse } from '#interfaces/http/billing/billing.response';
import type { InvoiceListResponse } from '#interfaces/http/billing/invoice.response';
import type { BillingPageResponse } from '#interfaces/http/billing/page.response';
import type { BudgetAlertListResponse } from '#interfaces/http/budgets/budget-alert.response';
import type { BudgetRecommendationListResponse } from '#interfaces/http/budgets/budget-report.response';
import type { BudgetSettingsResponse, BudgetStatusResponse } from '#interfaces/http/budgets/budget.response';
import type { CreditBalanceResponse } from '#interfaces/http/credits/credit-balance.response';
import type { CreditTransactionListResponse } from '#interfaces/http/credits/credit.response';
import type { CurrentPlanResponse } from '#interfaces/http/plans/plan.response';
import type { CurrentUsageResponse } from '#interfaces/http/usage/current-usage.response';
import type { RefusalListResponse } from '#interfaces/http/usage/refusal.response';
import type { UsagePredictionsResponse } from '#interfaces/http/usage/usage-outlook.response';
import type { BrowserUser, TestServer } from './server.js';

/** What the billing page asks for, and in what shape the server answers. */
export interface Answers {
  '/api/v1/billing/page': BillingPageResponse;
  '/api/v1/billing/subscription': SubscriptionResponse;
  'POST /api/v1/billing/subscription/preview-change': ChangePreviewResponse;
  '/api/v1/billing/invoices': InvoiceListResponse;
  '/api/v1/plans/current': CurrentPlanResponse;
  '/api/v1/usage/current': CurrentUsageResponse;
  '/api/v1/usage/predictions': UsagePredictionsResponse;
  '/api/v1/usage/refusals': RefusalListResponse;
  '/user/balance': CreditBalanceResponse;
  '/api/v1/credits/transactions': CreditTransactionListResponse;
  '/api/v1/budget/status': BudgetStatusResponse;
  '/api/v1/budget/settings': BudgetSettingsResponse;
  '/api/v1/budget/alerts': BudgetAlertListResponse;
  '/api/v1/budget/recommendations': BudgetRecommendationListResponse;
  '/api/v1/devices': DeviceListResponse;
  'POST /api/v1/devices': NewDeviceResponse;
}

/** From what the server really answers to what it would answer in some state. */
export type Changes = { readonly [Path in keyof Answers]?: (real: Answers[Path]) => Answers[Path] };

interface Known {
  readonly status: number;
  readonly answer: unknown;
}

/**
 * The API of a page, answered with what the real server said to a user, once, changed as a state has it. So a page
 * needs no session and no journey to show a state, and the shapes are the server's.
 */
export class AnsweredApi {
  private readonly known = new Map<string, Promise<Known>>();

  constructor(
    private readonly server: TestServer,
    private readonly userOf: (path: string) => BrowserUser,
  ) {}

  async answerFor(page: Page, changes: Changes = {}, refused: Readonly<Record<string, object>> = {}): Promise<void> {
    await page.route(/\/(api\/v1|user)\//, (route) => this.answer(route, changes, refused));
  }

  /** From now on. */
  static async breakLine(page: Page, line: 'held' | 'aborted'): Promise<void> {
    await page.route(/\/(api\/v1|user)\//, (route) => (line === 'held' ? undefined : route.abort()));
  }

  private async answer(route: Route, changes: Changes, refused: Readonly<Record<string, object>>): Promise<void> {
    const request = route.request();
    const { pathname, search } = new URL(request.url());
    const detail = refused[pathname];
    if (detail) return route.fulfill({ status: 403, json: { detail } });
    const known = changes as Readonly<Record<string, ((real: unknown) => unknown) | undefined>>;
    if (request.method() !== 'GET') {
      return route.fulfill({ json: known[`${request.method()} ${pathname}`]?.({}) ?? {} });
    }
    const change = known[pathname];
    const { status, answer } = await this.real(pathname + search);
    await route.fulfill({ status, json: change && status < 400 ? change(answer) : answer });
  }

  private real(path: string): Promise<Known> {
    const known = this.known.get(path) ?? this.server.ask('GET', path, this.userOf(path).key);
    this.known.set(path, known);
    return known;
  }
}
