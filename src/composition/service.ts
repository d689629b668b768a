import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Clock } from '#application/ports/clock';
import { Log } from '#application/ports/log';
import type { Config } from '#config';
import { GraphileWorker } from '#infrastructure/jobs/graphile-worker';
import { DiskUploadStorage } from '#infrastructure/sessions/disk-upload-storage';
import { PinoLog } from '#infrastructure/telemetry/pino-log';
import { HttpApp } from '#interfaces/http/app';
import { serverOf } from '#interfaces/http/server';
import { Application } from './application.js';
import { type DemoKey, seedDemoStory } from './demo-story.js';

/** The port belongs to somebody else. */
export class PortTaken extends Error {}

/** How long requests under way may take to finish once the process was told to stop. */
const DRAIN_MS = 10_000;

/** The long-running process: API, worker or both on one application. */
export class Service {
  private constructor(
    private readonly application: Application,
    private readonly server: Server | null,
    private readonly worker: GraphileWorker | null,
    private readonly log: PinoLog,
  ) {}

  /** Throws BadSetting, PortTaken, DatabaseUnreachable and EmbeddedPostgresUnavailable; nothing is left running then. */
  static async start(config: Config): Promise<Service> {
    const began = performance.now();
    const serves = config.role !== 'worker';
    if (serves) await portMustBeFree(config);

    const log = new PinoLog(config.logLevel);
    const application = await Application.open(config, { log, migrating: true });
    try {
      const keys = config.databaseUrl === null && !config.production ? await seedDemoStory(application) : null;
      const worker = config.role === 'api' ? null : await startWorker(application, config);
      const server = serves ? await listen(application, config) : null;
      say(greeting(config, server, keys?.keys ?? null, performance.now() - began));
      return new Service(application, server, worker, log);
    } catch (error) {
      await application.close();
      throw error;
    }
  }

  /** Lets requests and jobs under way finish, then closes the database. */
  async stop(): Promise<void> {
    if (this.server) {
      const closed = once(this.server, 'close');
      this.server.close();
      this.server.closeIdleConnections();
      const late = setTimeout(() => this.server?.closeAllConnections(), DRAIN_MS);
      await closed;
      clearTimeout(late);
    }
    await this.worker?.stop();
    await this.application.close();
    await this.log.flush();
  }
}

async function startWorker(application: Application, config: Config): Promise<GraphileWorker> {
  const worker = application.container.get(GraphileWorker);
  await worker.start({ connectionString: application.databaseUrl, concurrency: config.workerConcurrency });
  return worker;
}

async function listen(application: Application, config: Config): Promise<Server> {
  const { container } = application;
  const yesterday = new Date(container.get(Clock).now().getTime() - 24 * 60 * 60 * 1000);
  await container.get(DiskUploadStorage).removeAbandoned(yesterday);
  const server = serverOf(container.get(HttpApp).build());
  await bound(server, config);
  container.get(Log).info({ host: config.host, port: config.port, role: config.role }, 'listening');
  return server;
}

/** Asked before anything is started, so that the answer comes at once and no database is touched for nothing. */
async function portMustBeFree(config: Config): Promise<void> {
  const probe = createServer();
  await bound(probe, config);
  probe.close();
  await once(probe, 'close');
}

async function bound(server: Server, { host, port }: Config): Promise<void> {
  try {
    server.listen(port, host);
    await once(server, 'listening');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE') {
      throw new PortTaken(
        `port ${port} on ${host} is taken. Stop what listens there, or start with another: PORT=${port + 1} npm start`,
      );
    }
    if (code === 'EACCES')
      throw new PortTaken(`port ${port} needs more rights. Choose one above 1023: PORT=3000 npm start`);
    if (code === 'EADDRNOTAVAIL') throw new PortTaken(`HOST: ${host} is not an address of this machine.`);
    throw error;
  }
}

const DEFAULT_PORT = 3000;

function greeting(config: Config, server: Server | null, keys: readonly DemoKey[] | null, ms: number): string {
  const lines = [`Minutebook is ready after ${(ms / 1000).toFixed(1)} s (role: ${config.role}).`];
  if (server === null) return lines.join('\n');
  const { port } = server.address() as AddressInfo;
  const address = `http://${config.host === '0.0.0.0' ? 'localhost' : config.host}:${port}`;
  lines.push(`  Address:  ${address}   API documentation: ${address}/docs`);
  if (config.sandbox)
    lines.push('  Sandbox:  no transcription provider is configured; transcripts are made up and say so.');
  if (config.aiSandbox)
    lines.push('  Sandbox:  /v1 answers with made-up text that says so, where no AI provider is configured.');
  if (config.stripe === null)
    lines.push('  Sandbox:  Stripe is not configured; payments take no money, on a page that says so.');
  else if (config.stripe.webhookSecrets.length === 0)
    lines.push(
      '  Warning:  STRIPE_WEBHOOK_SECRETS is not set; purchases wait for the buyer to return, or for the reconciler.',
    );
  if (config.databaseUrl !== null) return lines.join('\n');
  const key = keys?.find(({ plan }) => plan === 'pro')?.key;
  if (keys && key) {
    lines.push('  Demo keys, shown this once:');
    for (const { plan, email, key: shown } of keys) lines.push(`    ${plan.padEnd(16)}${email.padEnd(28)}${shown}`);
    lines.push('  Try:', `    curl -s ${address}/api/v1/usage/current -H "Authorization: Bearer ${key}"`);
  } else {
    lines.push('  Demo keys were shown at the first start. For a new one:');
    lines.push(
      '    npm run -s minutebook -- user key --email pro@demo.minutebook.dev --name laptop --reason "new key"',
    );
  }
  // The command reads the same settings: what was set for this process alone has to be told again.
  const setting = port === DEFAULT_PORT ? '' : `PORT=${port} `;
  lines.push(`  Billing page: ${setting}npm run -s minutebook -- page open --email pro@demo.minutebook.dev`);
  return lines.join('\n');
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
