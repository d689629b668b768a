import type {
  JsonObject,
  PlainAnswer,
  ProviderAnswer,
  ProviderRequest,
  StreamedAnswer,
} from '#application/gateway/ai-provider';
import {
  OpenAiCompatibleProvider,
  type OpenAiCompatibleSettings,
} from '#infrastructure/gateway/openai-compatible-provider';
import { OpenAiDouble } from './openai-double.js';

export const A_CHAT: JsonObject = { model: 'mini', messages: [{ role: 'user', content: 'Grüezi' }] };

export function aChat(of: Partial<ProviderRequest> = {}): ProviderRequest {
  return {
    task: 'chat',
    dialect: 'openai',
    model: 'gpt-5-mini',
    body: A_CHAT,
    audio: null,
    maxOutputTokens: null,
    stream: false,
    requestId: 'trace-1',
    signal: new AbortController().signal,
    ...of,
  };
}

/** The adapter, and a server that speaks OpenAI's API. */
export class OpenAiWorld {
  private readonly providers: OpenAiCompatibleProvider[] = [];

  private constructor(readonly openai: OpenAiDouble) {}

  static async begin(): Promise<OpenAiWorld> {
    return new OpenAiWorld(await OpenAiDouble.start());
  }

  async end(): Promise<void> {
    await Promise.all(this.providers.map((provider) => provider.close()));
    await this.openai.close();
  }

  provider(of: Partial<OpenAiCompatibleSettings> = {}): OpenAiCompatibleProvider {
    const provider = new OpenAiCompatibleProvider({
      name: 'openai',
      baseUrl: this.openai.baseUrl,
      apiKey: 'sk-double-0123456789',
      tasks: ['chat', 'image', 'transcription'],
      connectMs: 5_000,
      firstByteMs: 5_000,
      idleMs: 5_000,
      connections: 4,
      extraHeaders: { 'x-title': 'Minutebook' },
      ...of,
    });
    this.providers.push(provider);
    return provider;
  }

  async send(of: Partial<ProviderRequest> = {}): Promise<ProviderAnswer> {
    return this.provider().send(aChat(of));
  }

  async plain(of: Partial<ProviderRequest> = {}): Promise<PlainAnswer> {
    const answer = await this.send(of);
    if (answer.kind !== 'plain') throw new Error('The answer came in pieces.');
    return answer;
  }

  async stream(
    of: Partial<ProviderRequest> = {},
    settings: Partial<OpenAiCompatibleSettings> = {},
  ): Promise<StreamedAnswer> {
    const body = { ...A_CHAT, stream: true, ...of.body };
    const answer = await this.provider(settings).send(aChat({ ...of, body, stream: true }));
    if (answer.kind !== 'stream') throw new Error('The answer came as a whole.');
    return answer;
  }
}
