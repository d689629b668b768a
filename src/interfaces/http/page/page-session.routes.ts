import express, { type Request, type Response, Router } from 'express';
import { injectable } from 'inversify';
import { PageSessionEnd } from '#application/accounts/page-session-end';
import { PageSessionOpening } from '#application/accounts/page-session-opening';
import { Clock } from '#application/ports/clock';
import { parse } from '../shared/parse.js';
import { HttpProblem } from '../shared/problem.js';
import type { RawRoutes } from '../shared/raw-routes.js';
import { PAGE_CONTRACT } from './page.contract.js';
import { OpenPageRequest } from './page.request.js';
import { PageCookie } from './page-cookie.js';
import { PageSettings } from './page-settings.js';
import { bearerOf, RequestCaller } from './request-caller.js';
import { mustComeFromPage, mustNotComeFromElsewhere } from './sender.js';

const PATH = '/billing/session';
const METHODS = ['POST', 'DELETE'];
const json = express.json({ limit: '4kb', strict: true, inflate: false });

/** Signing in to the billing page, and out of it. */
@injectable()
export class PageSessionRoutes implements RawRoutes {
  readonly contract = PAGE_CONTRACT;

  constructor(
    private readonly opening: PageSessionOpening,
    private readonly end: PageSessionEnd,
    private readonly callers: RequestCaller,
    private readonly cookie: PageCookie,
    private readonly settings: PageSettings,
    private readonly clock: Clock,
  ) {}

  get router(): Router {
    return Router({ strict: true })
      .all(PATH, (request, response, next) => {
        response.locals.route = PATH;
        if (METHODS.includes(request.method)) return next();
        const message = `${PATH} does not take ${request.method}.`;
        throw new HttpProblem(405, 'method_not_allowed', message, { allowed: METHODS }, { Allow: METHODS.join(', ') });
      })
      .post(PATH, json, (request, response) => this.signIn(request, response))
      .delete(PATH, (request, response) => this.signOut(request, response));
  }

  private async signIn(request: Request, response: Response): Promise<void> {
    mustNotComeFromElsewhere(request, this.settings.publicUrl);
    if (!request.is('application/json')) {
      const message = 'Send the token as JSON, with Content-Type: application/json.';
      throw new HttpProblem(415, 'unsupported_media_type', message);
    }
    const { token, replace } = parse(OpenPageRequest, request.body);
    const signedIn = replace === true ? null : await this.callers.signedIn(request);
    const { session, cookie } = await this.opening.execute(token, signedIn?.userId ?? null);
    this.cookie.set(response, cookie, session.expiresAt.getTime() - this.clock.now().getTime());
    response.json({ scope: session.scope, expires_at: session.expiresAt.toISOString() });
  }

  private async signOut(request: Request, response: Response): Promise<void> {
    const token = bearerOf(request.get('Authorization'));
    const cookies = token === null ? this.cookie.of(request) : [];
    if (cookies.length > 0) mustComeFromPage(request, this.settings.publicUrl);
    for (const secret of token === null ? cookies : [token]) await this.end.execute(secret);
    if (cookies.length > 0) this.cookie.clear(response);
    response.status(204).end();
  }
}
