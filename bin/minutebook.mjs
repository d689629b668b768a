#!/usr/bin/env node
import { existsSync } from 'node:fs';

const here = (path) => new URL(`../${path}`, import.meta.url);

if (existsSync(here('src')) && existsSync(here('scripts/run.mjs'))) {
  process.argv.splice(2, 0, 'cli');
  await import(here('scripts/run.mjs').href);
} else {
  // Installed without its sources: there is nothing to install and nothing to build.
  await import(here('dist/src/admin.js').href);
}
