/**
 * `npm run check:size`: what a visit to each page loads at most, packed by gzip: its script and style, and the largest
 * language. What Telegram alone loads is shown beside it. The billing page has a limit of 40 kB.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const built = fileURLToPath(new URL('../dist/page', import.meta.url));
const LIMITS = { 'billing.html': 40_000, 'admin.html': 40_000 };
const EMBED_LIMIT = 2_500;
const LANGUAGE = /^(en|de|zh-hant)-/;

const packed = (file) => gzipSync(readFileSync(join(built, file)), { level: 9 }).length;
const namesIn = (file, pattern) =>
  [...readFileSync(join(built, file), 'utf8').matchAll(pattern)].map(([, name]) => name);

let failed = false;
function tell(what, total, limit) {
  failed ||= total > limit;
  process.stdout.write(`${total > limit ? 'FAIL' : 'ok  '}  ${what}: ${total} of ${limit} bytes packed\n`);
}

const all = readdirSync(join(built, 'page-assets'));
for (const [page, limit] of Object.entries(LIMITS)) {
  const first = namesIn(page, /page-assets\/([\w-]+\.(?:js|css))"/g);
  const later = first
    .filter((name) => name.endsWith('.js'))
    .flatMap((name) =>
      all.filter(
        (other) => other !== name && readFileSync(join(built, 'page-assets', name), 'utf8').includes(`./${other}`),
      ),
    );
  const sizes = Object.fromEntries([...first, ...later].map((name) => [name, packed(join('page-assets', name))]));
  const languages = later.filter((name) => LANGUAGE.test(name)).map((name) => sizes[name]);
  tell(page, first.reduce((sum, name) => sum + sizes[name], 0) + Math.max(0, ...languages), limit);
  for (const [name, size] of Object.entries(sizes)) process.stdout.write(`        ${name}: ${size}\n`);
}
tell('embed.js', packed('embed.js'), EMBED_LIMIT);
process.exitCode = failed ? 1 : 0;
