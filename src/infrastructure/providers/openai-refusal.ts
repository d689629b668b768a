import { oneLine } from '#domain/sessions/plain-text';

const LONGEST_REASON = 300;

/**
 * What the body of a refusal says, without secrets: OpenAI's `error.message`, FastAPI's `detail` (self-hosted Whisper
 * servers), or a bare `message`. Null when it says nothing that can be read. OpenAI quotes part of a wrong key.
 */
export function findRefusalMessage(body: string, apiKey: string | null): string | null {
  const said = saidBy(body);
  if (said === null) return null;
  const withoutOurs = apiKey ? said.replaceAll(apiKey, '[key]') : said;
  const safe = oneLine(withoutOurs.replace(/\b(sk|pk|Bearer)[-_ ][\w*.-]{4,}/gi, '[key]'));
  return safe === '' ? null : [...safe].slice(0, LONGEST_REASON).join('');
}

function saidBy(body: string): string | null {
  let answer: unknown;
  try {
    answer = JSON.parse(body);
  } catch {
    // A gateway's HTML page, most of the time: nothing for a reason of one line.
    return null;
  }
  const candidates = [at(answer, 'error', 'message'), at(answer, 'error'), at(answer, 'message'), at(answer, 'detail')];
  return [...candidates, at(answer, 'detail', '0', 'msg')].find((text) => typeof text === 'string') ?? null;
}

function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (inner, key) => (typeof inner === 'object' && inner !== null ? (inner as Record<string, unknown>)[key] : undefined),
    value,
  );
}
