import { UserChange } from '#application/accounts/user-change';
import { HttpApp } from '#interfaces/http/app';
import type { Answered, TestApp, TestUser } from '#test/support/app';
import { openApiCheck, type OpenApiCheck } from '#test/support/openapi-check';
import { PageVisitor, said } from './page-visitor.js';

/** The application, with a user and an admin who ask for links to its pages. */
export class PageWorld {
  private constructor(
    readonly app: TestApp,
    readonly documented: OpenApiCheck,
    readonly ada: TestUser,
    readonly admin: TestUser,
  ) {}

  static async in(app: TestApp): Promise<PageWorld> {
    const documented = openApiCheck(app.container.get(HttpApp).document);
    const ada = await app.user('pro', 'user', 'ada@example.com');
    return new PageWorld(app, documented, ada, await app.user('pro', 'admin', 'ops@example.com'));
  }

  /** Asks for a link. */
  begin(as: TestUser, body: object = {}): Promise<Answered> {
    return this.app.call('POST', '/api/v1/billing/page-session', { as, body });
  }

  /** Asks with a link's token, as the embedded page does. */
  bearer(token: string, method = 'GET', path = '/api/v1/billing/page', body?: unknown): Promise<Answered> {
    return this.app.call(method, path, { headers: { Authorization: `Bearer ${token}` }, body });
  }

  /** As an operator changes a user. */
  change(user: TestUser, wanted: { role?: 'user' | 'admin'; suspended?: boolean }): Promise<unknown> {
    const { role = null, suspended = null } = wanted;
    const change = this.app.container.get(UserChange);
    return change.execute(user.id, { plan: null, role, suspended }, { actor: 'test', reason: null });
  }

  async signedIn(as: TestUser, wanted: object = {}): Promise<PageVisitor> {
    const visitor = new PageVisitor(this.app);
    expect(said(await visitor.open(await visitor.link(as, wanted)))).toBe('200');
    return visitor;
  }
}
