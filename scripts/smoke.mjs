/**
 * `npm run smoke`: is this installation alive and telling the truth? With BASE_URL it asks the server there (API_KEY for
 * the signed-in half); without, it starts the built product once on a free port with data of its own, and stops it.
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startServed } from './served.mjs';
import { buyCredit, chat, client, transcribe } from './walk.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const results = { passed: 0, failed: 0 };

async function check(sentence, work) {
  try {
    await work();
    results.passed++;
    process.stdout.write(`ok    ${sentence}\n`);
  } catch (error) {
    results.failed++;
    process.stdout.write(`FAIL  ${sentence}: ${error.message}\n`);
  }
}

function must(condition, message) {
  if (!condition) throw new Error(message);
}

const server = process.env.BASE_URL ? { baseUrl: process.env.BASE_URL, key: process.env.API_KEY } : await startServer();
try {
  const anonymous = client(server.baseUrl, null);
  await check('the server is healthy and reaches its database', async () => {
    const { body } = await anonymous('GET', '/health');
    must(body.database === 'connected', `database is ${body.database}`);
  });
  await check('it is alive and ready', async () => {
    await anonymous('GET', '/health/live');
    await anonymous('GET', '/health/ready');
  });
  await check('it describes itself in OpenAPI 3.1', async () => {
    const { body } = await anonymous('GET', '/openapi.json');
    must(body.openapi.startsWith('3.1'), `openapi is ${body.openapi}`);
    must(Object.keys(body.paths).length > 20, 'too few paths');
  });
  await check('it refuses who has no key', async () => {
    await anonymous('GET', '/api/v1/me', { expect: 401 });
  });
  await check('the catalogue names models and providers', async () => {
    must((await anonymous('GET', '/catalog/models')).body.total > 0, 'there are no models');
    must((await anonymous('GET', '/catalog/providers')).body.data.length > 0, 'there are no providers');
  });
  if (server.key) await signedIn(client(server.baseUrl, server.key));
  else process.stdout.write('skip  the signed-in half: set API_KEY to run it\n');
  await server.stop?.();
} finally {
  await server.remove?.();
}
process.stdout.write(`smoke: ${results.passed} passed, ${results.failed} failed\n`);
if (results.failed > 0) process.exitCode = 1;

async function signedIn(call) {
  await check('it shows the usage of the current period', async () => {
    const { body } = await call('GET', '/api/v1/usage/current');
    must(body.plan, 'no plan in the answer');
  });
  if (process.env.BASE_URL) return;
  await check('a recording becomes a transcript, and is counted', async () => {
    const minutes = async () => (await call('GET', '/api/v1/usage/current')).body.minutes.used_seconds;
    const before = await minutes();
    const session = await transcribe(call, join(root, 'test/fixtures/audio/coaching.mp3'), { title: 'Smoke' });
    const { body: vtt } = await call('GET', `/api/v1/sessions/${session.id}/transcript?format=vtt`);
    must(vtt.startsWith('WEBVTT'), 'the transcript is not WebVTT');
    const after = await minutes();
    must(after > before, `used seconds were ${before} and are ${after}`);
  });
  await check('a purchase in the sandbox becomes credit, and says that it is a sandbox', async () => {
    const { before, balance, checkout } = await buyCredit(call, 'starter');
    must(balance.credits === before + 1000, `credits were ${before} and are ${balance.credits}`);
    const page = await fetch(checkout.url);
    must((await page.text()).includes('No money moves here'), 'the page does not say that it is a sandbox');
  });
  await check('the AI gateway answers, and charges what it says', async () => {
    const balance = async () => (await call('GET', '/user/balance')).body.credits_micros;
    const before = await balance();
    const { answer, headers } = await chat(server.baseUrl, server.key, 'Hello');
    must(answer.length > 0, 'the answer is empty');
    const charged = before - (await balance());
    must(charged === Number(headers.get('x-cost-micros')), `${charged} micro-USD were charged`);
  });
  await check('the same Idempotency-Key has one effect', async () => {
    const headers = { 'Idempotency-Key': 'smoke-1' };
    const once = await call('POST', '/api/v1/sessions', { body: { title: 'Once' }, headers });
    const again = await call('POST', '/api/v1/sessions', { body: { title: 'Once' }, headers });
    must(once.body.id === again.body.id, 'two sessions were created');
    must(again.headers.get('Idempotent-Replayed') === 'true', 'the answer does not say that it is a replay');
  });
}

async function startServer() {
  const served = await startServed();
  process.stdout.write(`started in ${served.seconds.toFixed(1)} s on port ${served.port}\n`);
  return {
    baseUrl: served.baseUrl,
    key: served.keys.pro,
    remove: served.remove,
    stop: () =>
      check('it stops cleanly when told to', async () => {
        const code = await served.stop();
        must(code === 0, `exit code ${code}`);
      }),
  };
}
