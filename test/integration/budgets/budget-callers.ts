import { HttpApp } from '#interfaces/http/app';
import { openApiDocument } from '#interfaces/http/system/openapi';
import { type Answered, TestApp, type TestUser } from '#test/support/app';
import { ManualClock } from '#test/support/fakes/manual-clock';
import { type OpenApiCheck, openApiCheck } from '#test/support/openapi-check';

export const NOBODY = '00000000-0000-4000-8000-000000000000';
/** What the global budget is called where budgets are kept: no user is called so. */
export const ZEROS = '00000000-0000-0000-0000-000000000000';

type More = { readonly headers?: Readonly<Record<string, string>>; readonly pattern?: string };

/** Users and an admin at the endpoints of budgets. Every answer is compared with the document. */
export class BudgetCallers {
  private constructor(
    readonly app: TestApp,
    readonly clock: ManualClock,
    readonly admin: TestUser,
    private readonly documented: OpenApiCheck,
  ) {}

  static async start(now = '2026-03-15T12:00:00.000Z'): Promise<BudgetCallers> {
    const clock = new ManualClock(now);
    const app = await TestApp.start({ clock });
    const documented = openApiCheck(openApiDocument(app.container.get(HttpApp).operations));
    return new BudgetCallers(app, clock, await app.user('free', 'admin'), documented);
  }

  async call(method: string, as: TestUser, path: string, body?: unknown, more: More = {}): Promise<Answered> {
    const { headers = {}, pattern = path.split('?')[0]! } = more;
    const answer = await this.app.call(method, `/api/v1/budget${path}`, { as, body, headers });
    this.documented.expectDocumented(method, `/api/v1/budget${pattern}`, answer.status, answer.body);
    return answer;
  }

  get(as: TestUser, path: string): Promise<Answered> {
    return this.call('GET', as, path);
  }

  put(as: TestUser, path: string, body: unknown, more?: More): Promise<Answered> {
    return this.call('PUT', as, path, body, more);
  }

  post(as: TestUser, path: string, body?: unknown, more?: More): Promise<Answered> {
    return this.call('POST', as, path, body, more);
  }

  /** What an admin configures of one user. */
  configure(user: TestUser, settings: object, more?: More): Promise<Answered> {
    const body = { target_user_id: user.id, reason: 'case 812', ...settings };
    return this.put(this.admin, '/admin/configure', body, more);
  }

  resetOf(user: string, body?: unknown, as = this.admin): Promise<Answered> {
    return this.post(as, `/admin/reset/${user}`, body, { pattern: '/admin/reset/:user_id' });
  }

  /** Spends provider money of a user, as an admin reports it. */
  async spend(user: TestUser | null, dollars: number, more: object = {}): Promise<Answered> {
    return this.post(this.admin, '/admin/usage', {
      user_id: user?.id ?? null,
      request_id: crypto.randomUUID(),
      service_type: 'llm',
      provider: 'anthropic',
      model: 'claude-3-haiku',
      operation: 'summary',
      tokens: 1500,
      actual_cost_micros: Math.round(dollars * 1_000_000),
      ...more,
    });
  }

  audits(action: string, user: TestUser | null): Promise<Record<string, unknown>[]> {
    return this.app.rows(
      `select actor, reason from audit_log where action = $1 and user_id is not distinct from $2 order by created_at, id`,
      [action, user?.id ?? null],
    );
  }
}
