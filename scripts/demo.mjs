/** `npm run demo`: plays the README's walkthrough against a running server with a real recording. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buyCredit, chat, client, transcribe } from './walk.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const baseUrl = process.env.BASE_URL ?? `http://127.0.0.1:${process.env.PORT ?? 3000}`;

try {
  const key = process.env.API_KEY ?? demoKey();
  const call = client(baseUrl, key);
  const tell = (line) => process.stdout.write(`· ${line}\n`);
  const { body: me } = await call('GET', '/api/v1/me');
  tell(`signed in as ${me.email} on plan ${me.plan}`);

  const session = await transcribe(call, join(root, 'test/fixtures/audio/coaching.mp3'), {
    title: 'Demo session',
    tell,
  });
  const { body: usage } = await call('GET', '/api/v1/usage/current');
  const { body: billing } = await call('GET', `/api/v1/sessions/${session.id}/billing`);
  const { body: vtt } = await call('GET', `/api/v1/sessions/${session.id}/transcript?format=vtt`);
  tell('the usage of this period:');
  process.stdout.write(`${JSON.stringify(usage, null, 2)}\n`);
  tell('what this session was charged:');
  process.stdout.write(`${JSON.stringify(billing, null, 2)}\n`);
  const { balance } = await buyCredit(call, 'starter', { tell });
  tell(`paid in the sandbox and booked: ${balance.credits} credits, ${balance.available} of them free`);
  tell('the newest entry of the ledger:');
  const { body: ledger } = await call('GET', '/api/v1/credits/transactions?limit=1');
  process.stdout.write(`${JSON.stringify(ledger.data[0], null, 2)}\n`);
  const { answer, headers } = await chat(baseUrl, key, 'What could I ask at the beginning of a session?');
  tell(`asked ${headers.get('x-model')} at ${headers.get('x-provider')}: ${answer}`);
  tell(`held ${headers.get('x-held-micros')} micro-USD for it, and charged ${headers.get('x-cost-micros')}`);
  tell('the transcript:');
  process.stdout.write(`\n${vtt}\n`);
} catch (error) {
  const refused = error.cause?.code === 'ECONNREFUSED';
  process.stderr.write(
    refused
      ? `demo: nothing answers at ${baseUrl}. Start the server first: npm start (or set BASE_URL).\n`
      : `demo: ${error.message}\n`,
  );
  process.exitCode = refused ? 69 : 1;
}

/** A new key for the demo's paying coach, made as an operator would make it. */
function demoKey() {
  const email = 'pro@demo.minutebook.dev';
  const name = `demo ${new Date().toISOString()}`;
  const command = [
    'scripts/run.mjs',
    'cli',
    'user',
    'key',
    '--email',
    email,
    '--name',
    name,
    '--reason',
    'npm run demo',
    '--json',
  ];
  const output = execFileSync(process.execPath, command, {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return JSON.parse(output).key;
}
