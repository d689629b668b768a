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
