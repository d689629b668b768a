import type { JsonObject } from '#application/gateway/ai-provider';

/** As Anthropic sends them: its client drops an event without a name that it knows. */
export function namedEvent(data: JsonObject & { readonly type: string }): string {
  return `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** As OpenAI sends them: without a name. */
export function dataEvent(data: JsonObject): string {
  return `data: ${JSON.stringify(data)}\n\n`;
}

/** What ends a stream of OpenAI's. */
export const DONE_EVENT = 'data: [DONE]\n\n';
