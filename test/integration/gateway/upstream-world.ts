import { setImmediate } from 'node:timers/promises';
import { GatewaySettings } from '#application/gateway/gateway-settings';
import { RunningRequests } from '#application/gateway/running-requests';
import { OpenAiCompatibleProvider } from '#infrastructure/gateway/openai-compatible-provider';
import { OpenAiDouble } from '#test/support/ai/openai-double';
import type { TestApp, TestUser } from '#test/support/app';
import { Caller } from './caller.js';
import { GatewayWorld, type LogRow } from './gateway-world.js';
import { ServedResponses } from './served-responses.js';

export interface UpstreamWorldSettings {
  readonly longestMs: number;
  readonly drainMs: number;
  readonly connections: number;
}

/** As users come with it: 1000 credits, in micros. */
export const START = 10_000_000;

/** A request of 8 bytes of text: two tokens that we estimate. */
export const ASKED = { model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'Grüezi!' }], max_tokens: 100 };
export const STREAMED = { ...ASKED, stream: true };

/** A running gateway, and the one provider that it knows: a server that speaks OpenAI's API. */
export class UpstreamWorld {
  private constructor(
    readonly gateway: GatewayWorld,
    readonly openai: OpenAiDouble,
    readonly provider: OpenAiCompatibleProvider,
    readonly served: ServedResponses,
  ) {}

  static async start(settings: Partial<UpstreamWorldSettings> = {}): Promise<UpstreamWorld> {
    const { longestMs = 60_000, drainMs = 5_000, connections = 4 } = settings;
    const openai = await OpenAiDouble.start();
    const provider = providerAt(openai, connections);
    const gateway = await GatewayWorld.start({
      aiProviders: [provider],
      aiSettings: new GatewaySettings(0, longestMs, drainMs, 1_000_000, 1_000),
    });
    return new UpstreamWorld(gateway, openai, provider, new ServedResponses(gateway.app));
  }

  async stop(): Promise<void> {
    this.served.forget();
    await this.provider.close();
    await this.gateway.stop();
    await this.openai.close();
  }

  get app(): TestApp {
    return this.gateway.app;
  }

  user(): Promise<TestUser> {
    return this.gateway.userWith(START / 10_000);
  }

  ask(user: TestUser, body: unknown = ASKED): Promise<Awaited<ReturnType<TestApp['call']>>> {
    return this.app.call('POST', '/v1/chat/completions', { as: user, body });
  }

  caller(user: TestUser, body: unknown = STREAMED, how: { readonly reads?: boolean } = {}): Caller {
    return Caller.asks(this.app, user, body, how);
  }

  /** Every request is settled, and the books add up; answers their entries in the log. */
  async settled(user: TestUser): Promise<readonly LogRow[]> {
    await this.app.container.get(RunningRequests).idle();
    const { logs, ...books } = await this.gateway.booksOf(user);
    const spent = logs.reduce((sum, { cost }) => sum + cost, 0);
    expect(books).toEqual({ balance: START - spent, entries: START - spent, held: 0, openHolds: 0 });
    return logs;
  }
}

export function providerAt(openai: OpenAiDouble, connections: number): OpenAiCompatibleProvider {
  return new OpenAiCompatibleProvider({
    name: 'openai',
    baseUrl: openai.baseUrl,
    apiKey: 'sk-double-0123456789',
    tasks: ['chat'],
    connectMs: 5_000,
    firstByteMs: 60_000,
    idleMs: 60_000,
    connections,
    extraHeaders: {},
  });
}

/** Looks until it is so. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await setImmediate();
}

/** Looks until a number has not changed for that long. */
export async function standsStill(read: () => number, forMs: number): Promise<void> {
  let last = read();
  let since = performance.now();
  await until(() => {
    const now = read();
    if (now !== last) [last, since] = [now, performance.now()];
    return now > 0 && performance.now() - since > forMs;
  });
}
