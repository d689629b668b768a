import {
  type JsonObject,
  type PlainAnswer,
  type ProviderAnswer,
  ProviderFault,
  ProviderRefusal,
  type ProviderRequest,
  type StreamedAnswer,
} from '#application/gateway/ai-provider';
import { AnthropicProvider, type AnthropicSettings } from '#infrastructure/gateway/anthropic-provider';
import { ManualClock } from '#test/support/fakes/manual-clock';
import { AnthropicDouble } from './anthropic-double.js';

/** The adapter, and Anthropic as it is documented. */
export class AnthropicWorld {
  private readonly providers: AnthropicProvider[] = [];

  private constructor(readonly anthropic: AnthropicDouble) {}

  static async begin(): Promise<AnthropicWorld> {
    return new AnthropicWorld(await AnthropicDouble.start());
  }

  async end(): Promise<void> {
    await Promise.all(this.providers.map((provider) => provider.close()));
    await this.anthropic.close();
  }

  provider(of: Partial<AnthropicSettings> = {}): AnthropicProvider {
    const provider = new AnthropicProvider(
      {
        name: 'anthropic',
        baseUrl: this.anthropic.baseUrl,
        apiKey: this.anthropic.key,
        connectMs: 5_000,
        firstByteMs: 5_000,
        idleMs: 5_000,
        connections: 4,
        ...of,
      },
      new ManualClock('2026-03-10T12:00:00.000Z'),
    );
    this.providers.push(provider);
    return provider;
  }

  send(of: Partial<ProviderRequest> = {}): Promise<ProviderAnswer> {
    return this.provider().send(aMessagesRequest(of));
  }

  async plain(body: JsonObject = {}): Promise<PlainAnswer> {
    const answer = await this.send({ body: { ...A_BODY, ...body } });
    if (answer.kind !== 'plain') throw new Error('The answer came in pieces.');
    return answer;
  }

  async stream(body: JsonObject = {}): Promise<StreamedAnswer> {
    return streamOf(await this.send({ body: { ...A_BODY, ...body, stream: true }, stream: true }));
  }
}

export const A_BODY: JsonObject = {
  model: 'sonnet',
  max_tokens: 1024,
  messages: [{ role: 'user', content: 'Grüezi, Claude' }],
};

export function aMessagesRequest(of: Partial<ProviderRequest> = {}): ProviderRequest {
  return {
    task: 'chat',
    dialect: 'anthropic',
    model: 'claude-sonnet-4-5',
    body: A_BODY,
    audio: null,
    maxOutputTokens: null,
    stream: false,
    requestId: 'trace-1',
    signal: new AbortController().signal,
    ...of,
  };
}

export function streamOf(answer: ProviderAnswer): StreamedAnswer {
  if (answer.kind !== 'stream') throw new Error('The answer came as a whole.');
  return answer;
}

export interface Heard {
  readonly pieces: readonly string[];
  readonly text: string;
  /** What reading on threw; null when the stream ended as it should. */
  readonly thrown: unknown;
}

/** Everything that a stream delivers, and how it ended. */
export async function heard({ pieces }: StreamedAnswer): Promise<Heard> {
  const all: string[] = [];
  let thrown: unknown = null;
  try {
    for await (const piece of pieces) all.push(Buffer.from(piece).toString('utf8'));
  } catch (error) {
    thrown = error;
  }
  return { pieces: all, text: all.join(''), thrown };
}

export async function fault(work: Promise<unknown>): Promise<ProviderFault> {
  const thrown = await work.then(
    () => null,
    (error: unknown) => error,
  );
  if (!(thrown instanceof ProviderFault)) throw new Error('No fault was thrown.', { cause: thrown });
  return thrown;
}

export async function refusal(work: Promise<unknown>): Promise<ProviderRefusal> {
  const thrown = await work.then(
    () => null,
    (error: unknown) => error,
  );
  if (!(thrown instanceof ProviderRefusal)) throw new Error('Nothing was refused.', { cause: thrown });
  return thrown;
}
