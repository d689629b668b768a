/** The whole main path through the public API, as any client would walk it; `npm run demo` and `npm run smoke` share it. */
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/** A client that stops at the first answer that is not what it came for, and says which. */
export function client(baseUrl, key) {
  return async function call(method, path, { body, expect = [200, 201], headers = {} } = {}) {
    const response = await fetch(new URL(path, baseUrl), {
      method,
      headers: {
        ...(key && { Authorization: `Bearer ${key}` }),
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = (response.headers.get('Content-Type') ?? '').includes('json');
    const answer = { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
    if (![expect].flat().includes(response.status)) {
      throw new Error(`${method} ${path} answered ${response.status}, not ${[expect].flat().join(' or ')}: ${text}`);
    }
    return answer;
  };
}

/** Creates a session, uploads the recording, transcribes it; answers the finished session. `tell` hears every step. */
export async function transcribe(call, recordingPath, { title, tell = () => {} }) {
  const recording = await readFile(recordingPath);
  const filename = recordingPath.split('/').at(-1);

  const { body: session } = await call('POST', '/api/v1/sessions', { body: { title, language: 'en-US' } });
  tell(`created session ${session.id} (${session.status})`);
  const { body: ticket } = await call('POST', `/api/v1/sessions/${session.id}/upload-url`, {
    body: { filename, file_size_mb: recording.length / 1024 / 1024 },
  });
  tell(`got an upload address for at most ${ticket.limit_mb} MB, until ${ticket.expires_at}`);
  const stored = await fetch(ticket.upload_url, { method: ticket.method, headers: ticket.headers, body: recording });
  if (!stored.ok) throw new Error(`The upload answered ${stored.status}: ${await stored.text()}`);
  tell(`uploaded ${filename} (${recording.length} bytes)`);
  const { body: confirmed } = await call('POST', `/api/v1/sessions/${session.id}/confirm-upload`);
  tell(`the server measured ${confirmed.duration_seconds} s of audio`);
  await call('POST', `/api/v1/sessions/${session.id}/start-transcription`);
  tell('started the transcription; its minutes are held');

  for (const deadline = Date.now() + 60_000; ; await sleep(200)) {
    const { body: status } = await call('GET', `/api/v1/sessions/${session.id}/status`);
    if (status.status === 'completed') break;
    if (status.status === 'failed') throw new Error(`The transcription failed: ${status.message}`);
    if (Date.now() > deadline)
      throw new Error(`The transcription is ${status.status} after a minute. Does a worker run?`);
  }
  return session;
}

/** Buys credit at the sandbox's checkout, as a buyer's browser would, and waits until it is booked. */
export async function buyCredit(call, packageId, { tell = () => undefined } = {}) {
  const before = (await call('GET', '/user/balance')).body.credits;
  const { body: checkout } = await call('POST', '/api/v1/payments/checkout', {
    body: { package_id: packageId },
    expect: 201,
  });
  if (checkout.provider !== 'sandbox')
    throw new Error(`Payments are real here (${checkout.provider}): nothing is bought.`);
  tell(`checkout opened: ${checkout.url}`);
  const paid = await fetch(`${checkout.url}/pay`, { method: 'POST', redirect: 'manual' });
  if (paid.status !== 303) throw new Error(`The sandbox answered ${paid.status}.`);
  for (const end = Date.now() + 30_000; Date.now() < end; await sleep(200)) {
    const { body: balance } = await call('GET', '/user/balance');
    if (balance.credits > before) return { before, balance, checkout };
  }
  throw new Error('The payment was not booked within 30 s.');
}

/** One question to the AI gateway, as OpenAI's clients ask it. */
export async function chat(baseUrl, key, question) {
  const response = await fetch(`${baseUrl}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify({ model: 'gpt-4o-mini', max_tokens: 200, messages: [{ role: 'user', content: question }] }),
  });
  const body = await response.json();
  if (!response.ok) throw new Error(`POST /v1/chat/completions answered ${response.status}: ${body.error?.message}`);
  return { answer: body.choices[0].message.content, headers: response.headers };
}
