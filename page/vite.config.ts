import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

const INPUTS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  billing: { billing: here('billing.html'), embed: here('src/embed/embed.ts') },
  admin: { admin: here('admin.html') },
};

/**
 * `--mode billing`, the page and the element that embeds it, then `--mode admin`: static files that the server hands out. Each
 * page is built by itself, because what two pages share in a file of its own packs worse, by 2 kB of 40. Nothing is
 * inlined: the policy of the pages allows what comes from the server alone.
 */
export default defineConfig(({ mode }) => ({
  root: here('.'),
  base: '/',
  publicDir: false,
  logLevel: 'warn',
  // `npx vite -c page/vite.config.ts` shows the pages while they are written, over a server that runs, as the user of a key.
  server: {
    host: '127.0.0.1',
    proxy: Object.fromEntries(
      ['/api', '/user', '/catalog'].map((path) => [
        path,
        {
          target: process.env.MINUTEBOOK_URL ?? 'http://127.0.0.1:3000',
          headers: { Authorization: `Bearer ${process.env.MINUTEBOOK_KEY ?? ''}` },
        },
      ]),
    ),
  },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: here('../dist/page'),
    emptyOutDir: mode === 'billing',
    target: 'es2022',
    assetsDir: 'page-assets',
    assetsInlineLimit: 0,
    modulePreload: false,
    rolldownOptions: {
      input: INPUTS[mode] ?? { ...INPUTS.billing, ...INPUTS.admin },
      output: {
        // A host page names it in its source, so its address stays; the server says that it must be revalidated.
        entryFileNames: ({ name }) => (name === 'embed' ? 'embed.js' : 'page-assets/[name]-[hash].js'),
        chunkFileNames: 'page-assets/[name]-[hash].js',
        assetFileNames: 'page-assets/[name]-[hash][extname]',
      },
    },
  },
}));
