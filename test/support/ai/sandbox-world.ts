import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import type {
  Dialect,
  JsonObject,
  PlainAnswer,
  ProviderAnswer,
  ProviderRequest,
  StreamedAnswer,
} from '#application/gateway/ai-provider';
import { SandboxProvider } from '#infrastructure/gateway/sandbox-provider';
import { parseEvent } from '#infrastructure/gateway/server-sent-events';
import { ManualClock } from '#test/support/fakes/manual-clock';

export const clock = new ManualClock('2026-03-10T12:00:00.000Z');
export const sandbox = new SandboxProvider(clock);

export const user = (content: unknown): JsonObject => ({ role: 'user', content });

/** A chat of one message, to the model that works, unless said otherwise. */
export function aSandboxRequest(of: Partial<ProviderRequest> = {}): ProviderRequest {
  return {
    task: 'chat',
    dialect: 'openai',
    model: 'sandbox-chat',
    audio: null,
    maxOutputTokens: null,
    stream: false,
    requestId: 'request-1',
    signal: new AbortController().signal,
    ...of,
    body: { messages: [user('Hello')], ...of.body },
  };
}

export async function plain(of: Partial<ProviderRequest> = {}): Promise<PlainAnswer> {
  const answer = await sandbox.send(aSandboxRequest(of));
  if (answer.kind !== 'plain') throw new Error('The answer came in pieces.');
  return answer;
}

export async function streamed(of: Partial<ProviderRequest> = {}): Promise<StreamedAnswer> {
  const answer = await sandbox.send(aSandboxRequest({ ...of, stream: true }));
  if (answer.kind !== 'stream') throw new Error('The answer came whole.');
  return answer;
}

/** The events of a stream, one from each piece; `[DONE]` is null. */
export async function eventsOf({ pieces }: StreamedAnswer): Promise<(JsonObject | null)[]> {
  const events: (JsonObject | null)[] = [];
  for await (const piece of pieces) events.push(eventIn(piece));
  return events;
}

export function eventIn(piece: Uint8Array | string): JsonObject | null {
  const { event, data } = parseEvent(Buffer.from(piece));
  if (data === '[DONE]') return null;
  const said = JSON.parse(data) as JsonObject;
  if ((event ?? undefined) !== said['type'])
    throw new Error(`The event ${event} is called otherwise in its data: ${data}`);
  return said;
}

/** What OpenAI's own client makes of the sandbox's answers. */
export const openai = new OpenAI({ apiKey: 'none', maxRetries: 0, fetch: wire('openai') });

/** What Anthropic's own client makes of them. */
export const anthropic = new Anthropic({ apiKey: 'none', maxRetries: 0, fetch: wire('anthropic') });

function wire(dialect: Dialect) {
  return async (_url: unknown, init?: RequestInit): Promise<Response> => {
    const body = JSON.parse(init?.body as string) as JsonObject;
    const answer: ProviderAnswer = await sandbox.send(
      aSandboxRequest({ dialect, body, model: String(body['model']), stream: body['stream'] === true }),
    );
    if (answer.kind === 'plain') {
      return new Response(String(answer.body), { headers: { 'content-type': answer.contentType } });
    }
    const { pieces } = answer;
    const bytes = async function* () {
      for await (const piece of pieces) yield Buffer.from(piece);
    };
    return new Response(ReadableStream.from(bytes()) as ReadableStream, {
      headers: { 'content-type': 'text/event-stream' },
    });
  };
}
