import type { Request } from 'express';
import { injectable } from 'inversify';
import { Authentication, type Caller } from '#application/accounts/authentication';
import { notAuthenticated } from '../shared/problem.js';
import { PageCookie } from './page-cookie.js';
import { PageSettings } from './page-settings.js';
import { mustComeFromPage } from './sender.js';

/** Who sends a request: by its Authorization header, or, without one, by the cookie of the billing page. */
@injectable()
export class RequestCaller {
  constructor(
    private readonly authentication: Authentication,
    private readonly cookie: PageCookie,
    private readonly settings: PageSettings,
  ) {}

  /** Throws 401 `not_authenticated` for nobody, 403 `cross_site_request`, and what Authentication throws. */
  async of(request: Request): Promise<Caller> {
    const header = request.get('Authorization');
    const cookie = header === undefined ? this.cookie.of(request) : null;
    if (cookie !== null) {
      mustComeFromPage(request, this.settings.publicUrl);
      return this.authentication.byCookie(cookie);
    }
    const credential = bearerOf(header);
    const caller = credential === null ? null : await this.authentication.execute(credential);
    if (!caller) throw notAuthenticated('Send a valid API key as "Authorization: Bearer <key>".');
    return caller;
  }
}

export function bearerOf(header: string | undefined): string | null {
  const [scheme, credential] = (header ?? '').split(' ');
  return scheme?.toLowerCase() === 'bearer' && credential ? credential : null;
}
