import type { Request } from 'express';
import { injectable } from 'inversify';
import { Authentication, type Caller } from '#application/accounts/authentication';
import { PageSessionUnknown } from '#domain/accounts/page-session';
import { DomainException } from '#domain/shared/domain-exception';
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
    const cookies = header === undefined ? this.cookie.of(request) : [];
    if (cookies.length > 0) {
      mustComeFromPage(request, this.settings.publicUrl);
      return this.firstOf(cookies);
    }
    const credential = bearerOf(header);
    const caller = credential === null ? null : await this.authentication.execute(credential);
    if (!caller) throw notAuthenticated('Send a valid API key as "Authorization: Bearer <key>".');
    return caller;
  }

  /** Whose page is open in this browser; null for nobody's. */
  async signedIn(request: Request): Promise<Caller | null> {
    const cookies = this.cookie.of(request);
    if (cookies.length === 0) return null;
    try {
      return await this.firstOf(cookies);
    } catch (error) {
      // A sign-in that is over, or of somebody who is suspended, is nobody's; an outage is no answer.
      if (error instanceof DomainException && error.refusal !== 'unavailable') return null;
      throw error;
    }
  }

  /** By the first cookie that stands for somebody. Of refusals the one is said that knows the most: that it was never known is the least. */
  private async firstOf(cookies: readonly string[]): Promise<Caller> {
    const refusals: DomainException[] = [];
    for (const cookie of cookies) {
      try {
        return await this.authentication.byCookie(cookie);
      } catch (error) {
        if (!(error instanceof DomainException) || error.refusal === 'unavailable') throw error;
        refusals.push(error);
      }
    }
    throw refusals.find((refusal) => !(refusal instanceof PageSessionUnknown)) ?? refusals[0]!;
  }
}

export function bearerOf(header: string | undefined): string | null {
  const [scheme, credential] = (header ?? '').split(' ');
  return scheme?.toLowerCase() === 'bearer' && credential ? credential : null;
}
