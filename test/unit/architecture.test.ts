import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What each layer may import, beside itself. Relative imports stay inside their capability's layer. */
const RULES: Readonly<Record<string, { readonly layers: readonly string[]; readonly packages: readonly RegExp[] }>> = {
  domain: { layers: [], packages: [] },
  application: { layers: ['domain'], packages: [/^inversify$/, /^node:stream$/] },
  infrastructure: { layers: ['domain', 'application', 'migrations'], packages: [/./] },
  interfaces: { layers: ['domain', 'application'], packages: [/^(?!(typeorm|pg|graphile-worker|prom-client|pino)$)/] },
};

const IMPORT = /(?:from|import)\s*\(?\s*'([^']+)'/g;

function violations(file: string, source: string): string[] {
  const [, layer = ''] = file.split('/');
  const rule = RULES[layer];
  if (!rule) return [];
  return [...source.matchAll(IMPORT)]
    .map(([, target = '']) => target)
    .filter((target) => !allowed(target, layer, rule))
    .map((target) => `${file} imports ${target}`)
    .concat(
      layer === 'application' && source.includes("from 'inversify'") && !file.endsWith('use-case.ts')
        ? [`${file} knows inversify`]
        : [],
    );
}

function allowed(target: string, layer: string, { layers, packages }: (typeof RULES)[string]): boolean {
  if (target.startsWith('.')) return !target.startsWith('../../');
  if (target.startsWith('#')) {
    const named = target.slice(1).split('/')[0]!;
    return named === layer || layers.includes(named);
  }
  return packages.some((pattern) => pattern.test(target));
}

function sources(): string[] {
  return readdirSync('src', { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => join('src', file));
}

/** What costs provider money, how one can come by it, and who alone may do it: those hold a budget before. */
const GATES = [
  {
    deed: 'asks a provider',
    knows: /\bAiProviders?\b/,
    does: /(?<!\bthis)(?:\.send\b|\['send'\]|\{[^{}]*\bsend\b[^{}]*\}\s*=\s)/,
    only: ['src/application/gateway/metered-request.ts'],
  },
  {
    deed: 'sends through the routes',
    knows: /\bProviderFailover\b/,
    does: /\bexecuteWithFailover\b/,
    only: ['src/application/gateway/metered-request.ts', 'src/application/gateway/provider-failover.ts'],
  },
  {
    deed: 'gives a recording away',
    knows: /\bTranscribers?\b/,
    does: /(?<!\bthis\.sandbox)(?:\.submit\b|\['submit'\])/,
    only: ['src/application/sessions/transcription-dispatch.ts'],
  },
  {
    deed: 'orders a transcription',
    knows: /\bJobQueue\b/,
    does: /\.add\(\s*'transcribe'/,
    // The dispatch asks again after what was started.
    only: ['src/application/sessions/transcription-start.ts', 'src/application/sessions/transcription-dispatch.ts'],
  },
  {
    deed: 'makes an attempt',
    knows: /\bTranscriptionAttemptRepository\b/,
    does: /\battempts\.add\(/,
    only: ['src/application/sessions/transcription-start.ts'],
  },
];

/** What cannot be made without the next one, up to the budget, and the call by which it uses that. */
const CHAIN: readonly (readonly [file: string, needs: string, call: RegExp])[] = [
  ['src/application/gateway/metered-request.ts', 'RequestHold', /this\.holds\.execute\(|this\.holds\.free\(/g],
  ['src/application/gateway/request-hold.ts', 'BudgetLedger', /this\.budgets\.hold\(/g],
  ['src/application/sessions/transcription-start.ts', 'BudgetLedger', /this\.budgets\.hold\(/g],
];

function bypasses(file: string, source: string): string[] {
  const unheld = GATES.filter(
    ({ knows, does, only }) => !only.includes(file) && knows.test(source) && does.test(source),
  );
  const loose = CHAIN.filter(([link, needs, call]) => {
    const made = /constructor\(([^)]*)\)/.exec(source)?.[1] ?? '';
    return link === file && !(new RegExp(`readonly \\w+: ${needs}\\b`).test(made) && source.match(call));
  });
  return [...unheld.map(({ deed }) => `${file} ${deed}`), ...loose.map(([, needs]) => `${file} does without ${needs}`)];
}

describe('The architecture', () => {
  it('lets every layer import only what is further in', () => {
    expect(sources().flatMap((file) => violations(file, readFileSync(file, 'utf8')))).toEqual([]);
  });

  it('takes the time from the Clock port alone, outside the layers that meet the world', () => {
    const inner = sources().filter((file) => /^src\/(domain|application)\//.test(file));
    expect(inner.filter((file) => /new Date\(\)|Date\.now\(\)/.test(readFileSync(file, 'utf8')))).toEqual([]);
  });

  it('reads settings from the environment in one place alone', () => {
    // A child process may be given the environment, and PATH, as they are: those are not settings.
    const settings = /process\.env(?:\.\w|\[(?!'PATH'\]))|= process\.env\b/;
    const readers = sources().filter((file) => settings.test(readFileSync(file, 'utf8')));
    expect(readers).toEqual(['src/config.ts']);
  });

  it('never lets a float near money', () => {
    const floats = sources().filter((file) =>
      /(cost|price|money|micros)\w*\s*[*/]\s*\d*\.\d/i.test(readFileSync(file, 'utf8')),
    );
    expect(floats).toEqual([]);
  });

  it('lets no work that costs provider money begin without a budget that holds it', () => {
    expect(sources().flatMap((file) => bypasses(file, readFileSync(file, 'utf8')))).toEqual([]);
  });

  it.each([
    [
      'src/application/x/x.ts',
      'constructor(readonly providers: AiProviders) {} go() { this.providers.find(name).send(request); }',
    ],
    ['src/application/x/x.ts', 'go(provider: AiProvider) { const { send } = provider; }'],
    [
      'src/interfaces/jobs/x.ts',
      'constructor(readonly provider: AiProvider) {} go() { return this.provider.send(request); }',
    ],
    ['src/infrastructure/x/x.ts', 'go(provider: AiProvider) { return provider.send(request); }'],
    [
      'src/application/x/x.ts',
      'constructor(readonly failover: ProviderFailover) {} go() { this.failover.executeWithFailover(); }',
    ],
    [
      'src/interfaces/jobs/x.ts',
      'constructor(readonly transcribers: Transcribers) {} go() { this.transcribers.get(x).submit(order); }',
    ],
    [
      'src/application/x/x.ts',
      "constructor(readonly jobs: JobQueue) {} go() { this.jobs.add('transcribe', payload); }",
    ],
    [
      'src/application/x/x.ts',
      'constructor(readonly attempts: TranscriptionAttemptRepository) {} go() { this.attempts.add(attempt); }',
    ],
    [
      'src/application/gateway/metered-request.ts',
      'constructor(private readonly ledger: CreditLedger) {} go() { this.ledger.hold(); }',
    ],
    [
      'src/application/gateway/request-hold.ts',
      'constructor(private readonly budgets: BudgetLedger) {} go() { return null; }',
    ],
    [
      'src/application/sessions/transcription-start.ts',
      'constructor(private readonly jobs: JobQueue) {} go() { this.budgets.hold(x); }',
    ],
  ])('would catch who costs without a budget, in %s: %s', (file, source) => {
    expect(bypasses(file, source)).toHaveLength(1);
  });

  // A rule that has never been seen to fail proves nothing.
  it.each([
    ['src/domain/usage/x.ts', "import { DataSource } from 'typeorm';"],
    ['src/domain/usage/x.ts', "import { randomUUID } from 'node:crypto';"],
    ['src/domain/usage/x.ts', "import { Clock } from '#application/ports/clock';"],
    ['src/application/usage/x.ts', "import Stripe from 'stripe';"],
    ['src/application/usage/x.ts', "import { injectable } from 'inversify';"],
    ['src/application/usage/x.ts', "import { X } from '#infrastructure/x';"],
    ['src/interfaces/http/x.ts', "import { X } from '#infrastructure/x';"],
    ['src/interfaces/http/x.ts', "import { DataSource } from 'typeorm';"],
    ['src/infrastructure/x.ts', "import { X } from '#interfaces/x';"],
    ['src/infrastructure/x.ts', "import { X } from '#composition/x';"],
  ])('would catch, in %s, %s', (file, source) => {
    expect(violations(file, source)).toHaveLength(1);
  });
});
