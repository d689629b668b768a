import { IsString } from 'class-validator';
import { operation } from '#interfaces/http/shared/operation';
import { RunningHttpApp } from '#test/support/http-app';

class Described {
  @IsString() text!: string;
}

const described = operation({
  method: 'get',
  path: '/described',
  tag: 'a',
  summary: 'b',
  access: 'public',
  answer: Described,
  handle: async () => ({ text: 'a' }),
});

let app: RunningHttpApp;
beforeAll(async () => {
  app = await RunningHttpApp.start([described]);
});
afterAll(() => app.stop());

describe('the document', () => {
  it('is served as JSON', async () => {
    const { status, body, headers } = await app.ask('GET', '/openapi.json');
    expect([status, body.openapi, Object.keys(body.paths as object)]).toEqual([200, '3.1.0', ['/described']]);
    expect(headers.get('Content-Type')).toMatch(/^application\/json/);
  });
});

describe('the page', () => {
  it('has no script of its own in it, and names nothing that is not served here', async () => {
    const { status, text } = await app.ask('GET', '/docs');
    expect(status).toBe(200);
    expect(text).not.toMatch(/<script(?![^>]*\ssrc=)/);
    expect(text).not.toMatch(/\son\w+=|style=|<style/);
    const named = [...text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, address]) => address!);
    expect(named).toHaveLength(5);
    for (const address of named) {
      expect(address).not.toMatch(/^(?:[a-z]+:)?\/\//);
      expect((await app.ask('GET', new URL(address, 'http://x/docs').pathname)).status).toBe(200);
    }
  });

  it('allows scripts from here alone, and none inline', async () => {
    const policy = (await app.ask('GET', '/docs')).headers.get('Content-Security-Policy')!;
    expect(policy).toMatch(/default-src 'none'; script-src 'self'; /);
    expect(policy).toMatch(/connect-src 'self'/);
    expect(policy).not.toMatch(/https?:|\*|upgrade-insecure-requests|unsafe-eval/);
  });

  it('starts without asking anybody else what they think of the document', async () => {
    const { text, headers } = await app.ask('GET', '/docs/start.js');
    expect(text).toContain('validatorUrl: null');
    expect(headers.get('Content-Type')).toMatch(/^text\/javascript/);
  });

  it('is served without the trailing slash, which its relative addresses would not bear', async () => {
    const { status, headers } = await app.ask('GET', '/docs/');
    expect([status, headers.get('Location')]).toEqual([308, '../docs']);
  });

  it('serves three files of Swagger UI, to be kept for a day, and no other file', async () => {
    const { headers } = await app.ask('GET', '/docs/swagger-ui-bundle.js');
    expect(headers.get('Cache-Control')).toBe('public, max-age=86400');
    for (const path of [
      'package.json',
      'index.html',
      '..%2Fpackage.json',
      '..%2F..%2Fpackage.json',
      '.npmrc',
      'swagger-ui.js',
    ]) {
      expect((await app.ask('GET', `/docs/${path}`)).status).toBe(404);
    }
  });
});
