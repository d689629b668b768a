/** `npm run check:size`: what a visit to each page loads, packed by gzip. The billing page has a limit of 40 kB. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const built = fileURLToPath(new URL('../dist/page', import.meta.url));
const LIMITS = { 'billing.html': 40_000, 'admin.html': 40_000, 'embed.js': 2_500 };

/** Scripts and styles that a file names, and what those name, dynamic imports included. */
function loadedBy(file, seen = new Set()) {
  const text = readFileSync(join(built, file), 'utf8');
  for (const [, name] of text.matchAll(/["'/]([\w-]+-[\w-]{8}\.(?:js|css))["']/g)) {
    const path = join('page-assets', name);
    if (seen.has(path)) continue;
    seen.add(path);
    if (name.endsWith('.js')) loadedBy(path, seen);
  }
  return seen;
}

let failed = false;
for (const [file, limit] of Object.entries(LIMITS)) {
  const parts = file.endsWith('.html') ? [...loadedBy(file)] : [file];
  const sizes = parts.map((part) => gzipSync(readFileSync(join(built, part)), { level: 9 }).length);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  failed ||= total > limit;
  process.stdout.write(`${total > limit ? 'FAIL' : 'ok  '}  ${file}: ${total} of ${limit} bytes packed\n`);
  parts.forEach((part, place) => process.stdout.write(`        ${part}: ${sizes[place]}\n`));
}
process.exitCode = failed ? 1 : 0;
