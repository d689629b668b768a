import { createHash, timingSafeEqual } from 'node:crypto';
import { injectable } from 'inversify';
import { MetricsExposition } from '#application/system/metrics-exposition';
import { Transcribers } from '#application/sessions/transcribers';
import { DatabaseHealth, type DatabaseState } from '#application/system/database-health';
import { HttpSettings } from '../shared/http-settings.js';
import { Attachment, Controller, operation, Reply, type Request } from '../shared/operation.js';
import { notAuthenticated } from '../shared/problem.js';
import { HealthResponse, healthResponse, LiveResponse, ServiceResponse, serviceResponse } from './system.response.js';

/** What those who run the service ask it. */
@injectable()
export class SystemController implements Controller {
  constructor(
    private readonly database: DatabaseHealth,
    private readonly transcribers: Transcribers,
    private readonly metrics: MetricsExposition,
    private readonly settings: HttpSettings,
  ) {}

  readonly operations = [
    operation({
      method: 'get',
      path: '/',
      tag: 'system',
      summary: 'What this service is, and where to go from here',
      access: 'public',
      answer: ServiceResponse,
      handle: async () => serviceResponse(this.transcribers.all.some(({ provider }) => provider.startsWith('sandbox'))),
    }),
    operation({
      method: 'get',
      path: '/health',
      tag: 'system',
      summary: 'Whether the service and its database work',
      access: 'public',
      answer: HealthResponse,
      otherAnswers: { 503: HealthResponse },
      handle: () => this.health((state) => state !== 'unreachable'),
    }),
    operation({
      method: 'get',
      path: '/health/live',
      tag: 'system',
      summary: 'Whether the process answers at all: if not, start it again',
      access: 'public',
      answer: LiveResponse,
      handle: async () => ({ status: 'alive' }),
    }),
    operation({
      method: 'get',
      path: '/health/ready',
      tag: 'system',
      summary: 'Whether to send requests here: the database answers, and its schema is the one of this version',
      access: 'public',
      answer: HealthResponse,
      otherAnswers: { 503: HealthResponse },
      handle: () => this.health((state) => state === 'ready'),
    }),
    operation({
      method: 'get',
      path: '/metrics',
      tag: 'system',
      summary: 'All metrics, in the Prometheus text format',
      description: 'An installation may ask for a bearer token of its own here (`METRICS_TOKEN`).',
      access: 'public',
      closable: true,
      answer: { file: ['text/plain'] },
      handle: async ({ request }) => {
        this.mustMayScrape(request);
        const { contentType, text } = await this.metrics.execute();
        return new Attachment(contentType, null, text);
      },
    }),
  ];

  private async health(isOk: (state: DatabaseState) => boolean): Promise<HealthResponse | Reply> {
    const state = await this.database.check();
    const answer = healthResponse(state, isOk(state));
    return answer.status === 'ok' ? answer : new Reply(503, answer);
  }

  private mustMayScrape(request: Request): void {
    const { metricsToken } = this.settings;
    if (metricsToken === null) return;
    const given = /^bearer (\S+)$/i.exec(request.get('Authorization') ?? '')?.[1] ?? '';
    // Hashes are equally long, so that the comparison tells neither content nor length of the token.
    if (!timingSafeEqual(digest(given), digest(metricsToken))) {
      throw notAuthenticated('Send the token of METRICS_TOKEN as "Authorization: Bearer <token>".');
    }
  }
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
