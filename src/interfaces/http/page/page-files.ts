import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { injectable } from 'inversify';
import { PageSettings } from './page-settings.js';

/** A file of the built page, as it is sent. */
export interface PageFile {
  readonly type: string;
  readonly content: Buffer;
  readonly tag: string;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

const ASSETS = 'page-assets';

/**
 * The built page, read once when the service starts: a request asks for one of these names or for nothing, whatever its address says,
 * and a build that runs meanwhile never mixes two versions. All of it is some hundred kilobytes.
 */
@injectable()
export class PageFiles {
  private readonly documents: ReadonlyMap<string, PageFile>;
  private readonly assets: ReadonlyMap<string, PageFile>;

  constructor({ directory }: PageSettings) {
    this.documents = directory === null ? new Map() : filesOf(directory);
    this.assets = directory === null ? new Map() : filesOf(join(directory, ASSETS));
  }

  /** `billing.html`, `admin.html` or `embed.js`; null when the page was not built. */
  document(name: string): PageFile | null {
    return this.documents.get(name) ?? null;
  }

  /** By its whole name with the hash in it, or null. */
  asset(name: string): PageFile | null {
    return this.assets.get(name) ?? null;
  }
}

function filesOf(directory: string): ReadonlyMap<string, PageFile> {
  if (!existsSync(directory)) return new Map();
  const names = readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isFile() && TYPES[extname(entry.name)] !== undefined)
    .map(({ name }) => name);
  return new Map(names.map((name) => [name, fileOf(name, readFileSync(join(directory, name)))]));
}

function fileOf(name: string, content: Buffer): PageFile {
  const tag = `"${createHash('sha256').update(content).digest('base64url').slice(0, 27)}"`;
  return { type: TYPES[extname(name)]!, content, tag };
}
