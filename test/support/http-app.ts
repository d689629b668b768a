import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Authentication, Caller } from '#application/accounts/authentication';
import type { Log } from '#application/ports/log';
import type { Outages } from '#application/ports/outages';
import type { UploadReceiver } from '#application/sessions/upload-receiver';
import { RefusalRecording } from '#application/usage/refusal-recording';
import { PostgresOutages } from '#infrastructure/persistence/postgres-outages';
import { MemoryRecentRefusals } from '#infrastructure/usage/memory-recent-refusals';
import { HttpApp } from '#interfaces/http/app';
import { PageCookie } from '#interfaces/http/page/page-cookie';
import { PageSettings } from '#interfaces/http/page/page-settings';
import { RequestCaller } from '#interfaces/http/page/request-caller';
import { serverOf } from '#interfaces/http/server';
import { Execution } from '#interfaces/http/shared/execution';
import { HttpSettings } from '#interfaces/http/shared/http-settings';
import type { Operation } from '#interfaces/http/shared/operation';
import { InMemoryIdempotentAnswers } from './fakes/in-memory-idempotent-answers.js';
import { InMemoryRefusalLog } from './fakes/in-memory-refusal-log.js';
import { InMemoryTransaction } from './fakes/in-memory-transaction.js';
import { ManualClock } from './fakes/manual-clock.js';
import { RecordingLog } from './fakes/recording-log.js';
import { RecordingTelemetry } from './fakes/recording-telemetry.js';
import { SequentialIds } from './fakes/sequential-ids.js';

const ID = '00000000-0000-7000-8000-00000000000';

/** Keys that the app below knows, and whom they stand for. */
export const CALLERS: Readonly<Record<string, Caller>> = {
  'user-key': { userId: `${ID}1` as Caller['userId'], role: 'user', deviceId: `${ID}d` as Caller['deviceId'] },
  'other-key': { userId: `${ID}2` as Caller['userId'], role: 'user', deviceId: null },
  'admin-key': { userId: `${ID}3` as Caller['userId'], role: 'admin', deviceId: null },
};

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: any;
}

export interface Asked {
  readonly key?: string;
  readonly json?: unknown;
  readonly raw?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Operations behind everything that HTTP does with a request, and nothing behind them: no database, no network. */
export class RunningHttpApp {
  readonly telemetry = new RecordingTelemetry();
  readonly transaction = new InMemoryTransaction();
  readonly answers = new InMemoryIdempotentAnswers(this.transaction);
  readonly refusals = new InMemoryRefusalLog(this.transaction);
  private url = '';

  private constructor(
    readonly log: RecordingLog,
    private server: Server | null,
  ) {}

  static async start(
    operations: readonly Operation[],
    { settings = new HttpSettings([]), log = null }: { settings?: HttpSettings; log?: Log | null } = {},
  ): Promise<RunningHttpApp> {
    const running = new RunningHttpApp(new RecordingLog(), null);
    const authentication = { execute: async (credential: string) => CALLERS[credential] ?? null };
    const page = new PageSettings('http://minutebook.test', [], null);
    const callers = new RequestCaller(authentication as unknown as Authentication, new PageCookie(page), page);
    const execution = new Execution(
      callers,
      running.answers,
      running.telemetry,
      new ManualClock(),
      new RefusalRecording(
        running.refusals,
        new MemoryRecentRefusals(),
        new ManualClock(),
        new SequentialIds(),
        running.log,
      ),
    );
    const outages: Outages = new PostgresOutages();
    const app = new HttpApp(
      [{ operations }],
      execution,
      {} as UploadReceiver,
      outages,
      running.telemetry,
      new ManualClock(),
      log ?? running.log,
      settings,
    );
    running.server = serverOf(app.build()).listen(0, '127.0.0.1');
    await once(running.server, 'listening');
    running.url = `http://127.0.0.1:${(running.server.address() as AddressInfo).port}`;
    return running;
  }

  async ask(method: string, path: string, { key, json, raw, headers = {} }: Asked = {}): Promise<Answered> {
    const body = raw ?? (json === undefined ? undefined : JSON.stringify(json));
    const response = await fetch(this.url + path, {
      method,
      redirect: 'manual',
      headers: {
        ...(key !== undefined && { Authorization: `Bearer ${key}` }),
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body }),
    });
    const text = await response.text();
    const isJson = response.headers.get('Content-Type')?.includes('json') ?? false;
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: isJson && text !== '' ? JSON.parse(text) : null,
    };
  }

  async stop(): Promise<void> {
    const closed = once(this.server!, 'close');
    this.server!.close();
    this.server!.closeAllConnections();
    await closed;
  }
}
