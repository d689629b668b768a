import { readFileSync } from 'node:fs';
import { VERSION } from '#application/system/version';

describe('the version', () => {
  it('is the one of package.json', () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    expect(VERSION).toBe(version);
  });
});
