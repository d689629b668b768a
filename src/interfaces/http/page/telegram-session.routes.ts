import { IsString, Length } from 'class-validator';
import express, { type Request, type Response, Router } from 'express';
import { injectable } from 'inversify';
import { TelegramSignIn } from '#application/accounts/telegram-sign-in';
import { RateLimited } from '#application/gateway/request-rates';
import { TelegramInitDataRefused } from '#domain/accounts/telegram-init-data';
import { parse } from '../shared/parse.js';
import { HttpProblem } from '../shared/problem.js';
import type { RawRoutes } from '../shared/raw-routes.js';
import { TELEGRAM_SESSION_CONTRACT } from './telegram-session.contract.js';

const PATH = '/billing/telegram-session';

/** Several times what Telegram sends. */
const json = express.json({ limit: '32kb', strict: true, inflate: false });

export class TelegramSessionRequest {
  @IsString()
  @Length(1, 16_384)
  init_data!: string;
}

/** `POST /billing/telegram-session`: signs in to the billing page by what Telegram says of who opened the Mini App. */
@injectable()
export class TelegramSessionRoutes implements RawRoutes {
  readonly contract = TELEGRAM_SESSION_CONTRACT;

  constructor(private readonly signIn: TelegramSignIn) {}

  get router(): Router {
    return Router({ strict: true })
      .all(PATH, (request, response, next) => {
        response.locals.route = PATH;
        if (request.method === 'POST') return next();
        const message = `${PATH} does not take ${request.method}.`;
        throw new HttpProblem(405, 'method_not_allowed', message, { allowed: ['POST'] }, { Allow: 'POST' });
      })
      .post(PATH, json, (request, response) => this.handle(request, response));
  }

  private async handle(request: Request, response: Response): Promise<void> {
    if (!request.is('application/json')) {
      const message = 'Send init_data as JSON, with Content-Type: application/json.';
      throw new HttpProblem(415, 'unsupported_media_type', message);
    }
    const { init_data: initData } = parse(TelegramSessionRequest, request.body);
    try {
      const { session, token, url } = await this.signIn.execute(initData);
      response.status(201).json({ token, url, expires_at: session.expiresAt.toISOString() });
    } catch (error) {
      throw problemOf(error);
    }
  }
}

/** Who it is, and how often, are HTTP's own affair; any other refusal is as it is everywhere. */
function problemOf(error: unknown): unknown {
  if (error instanceof TelegramInitDataRefused) {
    const { code, message, facts } = error;
    return new HttpProblem(401, code, message, facts, { 'WWW-Authenticate': 'TelegramInitData' });
  }
  if (error instanceof RateLimited) {
    const { code, message, facts, retryAfterMs } = error;
    return new HttpProblem(429, code, message, facts, { 'Retry-After': String(Math.ceil(retryAfterMs / 1000)) });
  }
  return error;
}
