import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CommandLine } from '../cli/command-line.js';

const because = ['--reason', 'case 812'];
const WHOLE_TABLE = 'test/fixtures/gateway/price-table.json';
let cli: CommandLine;
let folder: string;

beforeAll(async () => {
  cli = await CommandLine.start();
  folder = await mkdtemp(join(tmpdir(), 'minutebook-prices-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await cli.cleanUp();
});

let last = 0;
/** A table of one chat model, with what it costs for one token. */
async function tableOf(model: string, input: number, output: number, also: object = {}): Promise<string> {
  const file = join(folder, `${++last}.json`);
  const entry = {
    litellm_provider: 'openai',
    mode: 'chat',
    input_cost_per_token: input,
    output_cost_per_token: output,
  };
  await writeFile(file, JSON.stringify({ [model]: { ...entry, ...also } }));
  return file;
}

const run = (...args: readonly string[]): ReturnType<CommandLine['run']> => cli.run(['prices', ...args]);
const imported = (...args: readonly string[]): ReturnType<CommandLine['json']> =>
  cli.json(['prices', 'import', ...args, ...because]);
const ratesOf = (model: string): Promise<unknown[]> =>
  cli.rows(
    `select provider, rates, effective_from::text as "from" from model_prices where model = $1 order by effective_from`,
    [model],
  );

describe('minutebook prices list', () => {
  it('lists what is in force, exactly, with the names that callers reach it by', async () => {
    const { data, total } = await cli.json(['prices', 'list', '--provider', 'openrouter', '--model', 'gpt-4o-mini']);
    expect([total, data]).toEqual([
      1,
      [
        {
          id: expect.any(String),
          provider: 'openrouter',
          model: 'openai/gpt-4o-mini',
          modality: 'chat',
          rates: { input_token: '150000', cached_token: '75000', output_token: '600000' },
          long_context: null,
          context_tokens: 128_000,
          max_output_tokens: 16_384,
          features: ['json', 'tools', 'vision'],
          effective_from: '2025-01-01T00:00:00.000Z',
          effective_until: null,
          routes: ['gpt-4o-mini'],
          source: 'https://openrouter.ai/openai/gpt-4o-mini',
        },
      ],
    ]);
    expect((await cli.json(['prices', 'list', '--at', '2024-12-31'])).data).toEqual([]);
  });

  it('shows people dollars for what they count', async () => {
    const { stdout } = await run('list', '--model', 'whisper-1', '--provider', 'openai');
    expect(stdout).toBe(
      'PROVIDER  MODEL      UNIT          PRICE                FROM                      UNTIL  SERVED AS\n' +
        'openai    whisper-1  audio_second  0.0001 USD a second  2025-01-01T00:00:00.000Z         whisper-1\n',
    );
    expect((await run('list', '--model', 'nothing')).stdout).toBe('No price.\n');
    const { stdout: sonnet } = await run('list', '--model', 'claude-sonnet-4', '--provider', 'anthropic');
    expect(sonnet).toContain('input_token above 200000 tokens           6 USD a million tokens');
  });
});

describe('minutebook prices import', () => {
  it('adds what is new, keeps what is in force, and leaves an audit row that says why', async () => {
    const file = await tableOf('brand-new', 1.5e-7, 6e-7);
    const answer = await imported(file, '--route');
    expect(answer).toMatchObject({
      dry_run: false,
      changed: true,
      effective_from: '2026-03-10T12:00:00.000Z',
      prices: [
        {
          provider: 'openai',
          model: 'brand-new',
          rates: { input_token: '150000', output_token: '600000' },
          replaces: null,
          changes: [
            { rate: 'input_token', before: null, after: '150000', flagged: false },
            { rate: 'output_token', before: null, after: '600000', flagged: false },
          ],
        },
      ],
      unchanged: 0,
      routes: [{ model: 'brand-new', targets: [{ provider: 'openai', model: 'brand-new' }] }],
    });
    expect(await ratesOf('brand-new')).toEqual([
      { provider: 'openai', rates: { input_token: '150000', output_token: '600000' }, from: expect.any(String) },
    ]);
    const again = await imported(file, '--route');
    expect(again).toMatchObject({ changed: false, prices: [], unchanged: 1, routes: [] });
    const audited = await cli.rows(`select actor, reason, after from audit_log where action = 'prices.add'`);
    expect(audited).toEqual([
      {
        actor: 'cli:tester',
        reason: 'case 812',
        after: expect.objectContaining({ prices: [expect.objectContaining({ id: answer.prices[0].id })] }),
      },
    ]);
    const { data } = await cli.json(['prices', 'list', '--model', 'brand-new']);
    expect(data[0].routes).toEqual(['brand-new']);
  });

  it('changes nothing in any table in a dry run, whose difference it shows', async () => {
    const file = await tableOf('gpt-5.1', 1.5e-6, 1e-5, {
      cache_read_input_token_cost: 1.5e-7,
      max_input_tokens: 272_000,
    });
    const before = await cli.everything();
    const { exitCode, stdout, stderr } = await run('import', file, '--dry-run');
    expect([exitCode, stderr]).toEqual([0, 'Nothing was changed.\n']);
    expect(stdout).toBe(
      'Prices: 1 would be added from 2026-03-10T12:00:00.000Z on, 0 already in force; ' +
        '0 entries left out, and 0 of providers that are not served.\n' +
        'changed openai gpt-5.1\n' +
        '    input_token 1.25 USD a million tokens → 1.5 USD a million tokens\n' +
        '    cached_token 0.125 USD a million tokens → 0.15 USD a million tokens\n' +
        '    context_tokens 400000 → 272000\n',
    );
    expect(await cli.everything()).toBe(before);
  });

  it('takes a large step when it is accepted alone', async () => {
    const file = await tableOf('gpt-5.2', 1.75e-6, 2.2e-5);
    const refused = await run('import', file, ...because);
    expect(refused.exitCode).toBe(77);
    expect(refused.stderr).toContain('openai/gpt-5.2: output_token 14 USD a million tokens → 22 USD a million tokens');
    const rehearsed = await run('import', file, '--dry-run');
    expect(rehearsed.exitCode).toBe(77);
    expect(rehearsed.stdout).toContain('  ! output_token 14 USD a million tokens → 22 USD a million tokens');
    expect(rehearsed.stderr).toContain('needs --accept-changes');
    expect(await ratesOf('gpt-5.2')).toHaveLength(2);
    cli.clock.advance(1);
    await imported(file, '--accept-changes');
    expect(await ratesOf('gpt-5.2')).toHaveLength(3);
  });

  it('reads a whole table, but what was asked for alone', async () => {
    const answer = await imported(WHOLE_TABLE, '--provider', 'together', 'mistral');
    expect(answer.prices.map(({ model }: { model: string }) => model)).toEqual([
      'odd-rate',
      'some/flux',
      'free-transcribe',
    ]);
    expect(answer.prices[0].rounded).toHaveLength(2);
    expect(answer.left_out).toContainEqual({ entry: 'no-output-price', reason: 'it has no output_cost_per_token' });
    expect(answer.of_other_providers).toBe(2);
    const { stdout } = await run('import', WHOLE_TABLE, '--model', 'odd-rate', ...because);
    expect(stdout).toContain('0 added from');
  });

  it('ends by sysexits, and imports nothing then', async () => {
    const good = await tableOf('never-there', 1e-6, 1e-6);
    const slip = await tableOf('never-there', 0.15, 0.6);
    const changed = await tableOf('gpt-5', 1.3e-6, 1e-5);
    const broken = join(folder, 'broken.json');
    await writeFile(broken, '{"a":');
    const code = async (...args: readonly string[]): Promise<number> => (await run('import', ...args)).exitCode;
    const before = await cli.everything();
    expect(await code(good)).toBe(64);
    expect(await code(good, '--effective-from', 'tomorrow', ...because)).toBe(64);
    expect(await code(broken, ...because)).toBe(65);
    expect(await code(slip, ...because)).toBe(65);
    expect(await code(slip, '--accept-changes', '--dry-run')).toBe(65);
    expect(await code(join(folder, 'nothing.json'), ...because)).toBe(66);
    expect(await code(good, '--model', 'another', ...because)).toBe(66);
    expect(await code(changed, '--accept-changes', '--effective-from', '2026-03-01', ...because)).toBe(77);
    expect(await cli.everything()).toBe(before);
    const { stderr } = await cli.run(['prices', 'import', slip, ...because, '--json']);
    expect(JSON.parse(stderr)).toMatchObject({
      error: 'prices_implausible',
      prices: [expect.stringContaining('input_token would be 150000 USD a million tokens, above 1000 USD')],
    });
  });

  it('may date back what replaces nothing, and say what comes', async () => {
    const file = await tableOf('dated-back', 1e-6, 1e-6);
    await imported(file, '--effective-from', '2026-01-01');
    const dearer = await tableOf('dated-back', 1.2e-6, 1e-6);
    await imported(dearer, '--effective-from', '2026-04-01T00:00:00Z');
    expect((await run('import', file, '--effective-from', '2026-04-01', ...because)).exitCode).toBe(73);
    const { data } = await cli.json(['prices', 'list', '--model', 'dated-back']);
    expect([data[0].effective_from, data[0].effective_until]).toEqual([
      '2026-01-01T00:00:00.000Z',
      '2026-04-01T00:00:00.000Z',
    ]);
    const later = await cli.json(['prices', 'list', '--model', 'dated-back', '--at', '2026-04-01']);
    expect(later.data[0].rates).toEqual({ input_token: '1200000', output_token: '1000000' });
  });
});
