import { type Request, type Response, Router } from 'express';
import { injectable } from 'inversify';
import { HttpProblem } from '../shared/problem.js';
import { NO_CONTRACT } from '../shared/path-contract.js';
import type { RawRoutes } from '../shared/raw-routes.js';
import { type PageFile, PageFiles } from './page-files.js';
import { PageSettings } from './page-settings.js';

const FOR_EVER = 'public, max-age=31536000, immutable';

/** The billing page, the operators' page, the script that embeds the former, and what they load. All from this service, no inline code. */
@injectable()
export class PageRoutes implements RawRoutes {
  readonly contract = NO_CONTRACT;

  constructor(
    private readonly files: PageFiles,
    private readonly settings: PageSettings,
  ) {}

  get router(): Router {
    const { embedOrigins } = this.settings;
    return Router({ strict: true })
      .get('/billing', (asked, answer) => this.page('/billing', 'billing.html', embedOrigins, asked, answer))
      .get('/admin', (asked, answer) => this.page('/admin', 'admin.html', [], asked, answer))
      .get('/billing/', (asked, answer) => withoutSlash('/billing', asked, answer))
      .get('/admin/', (asked, answer) => withoutSlash('/admin', asked, answer))
      .get('/embed.js', (request, response) => {
        response.locals.route = '/embed.js';
        // It is there for the pages of others to load.
        response.set('Cross-Origin-Resource-Policy', 'cross-origin');
        revalidated(this.files.document('embed.js'), request, response);
      })
      .get('/page-assets/:asset', (request, response) => {
        response.locals.route = '/page-assets/:asset';
        const file = this.files.asset(request.params.asset);
        if (!file)
          throw new HttpProblem(404, 'route_not_found', `There is nothing at ${request.method} ${request.path}.`);
        response.set({ 'Content-Type': file.type, 'Cache-Control': FOR_EVER }).end(file.content);
      });
  }

  private page(route: string, name: string, parents: readonly string[], request: Request, response: Response): void {
    response.locals.route = route;
    response.set('Content-Security-Policy', policy(parents));
    if (parents.length > 0) {
      // Of old browsers' header there is no form that names several parents; the policy above is heeded by all others.
      response.removeHeader('X-Frame-Options');
      response.set('Cross-Origin-Resource-Policy', 'cross-origin');
    }
    revalidated(this.files.document(name), request, response);
  }
}

function policy(parents: readonly string[]): string {
  return [
    `default-src 'none'`,
    `script-src 'self'`,
    `style-src 'self'`,
    `img-src 'self' data:`,
    `connect-src 'self'`,
    `manifest-src 'none'`,
    `base-uri 'none'`,
    `form-action 'none'`,
    `frame-ancestors ${parents.length === 0 ? `'none'` : parents.join(' ')}`,
  ].join('; ');
}

/** Relative, so that it also leads there behind a proxy that adds a path. What a provider added for the page to read is kept. */
function withoutSlash(path: string, request: Request, response: Response): void {
  response.locals.route = path;
  const query = request.originalUrl.indexOf('?');
  response.redirect(308, `..${path}${query < 0 ? '' : request.originalUrl.slice(query)}`);
}

/** Asked for every time, so that a new version is seen at once, and sent only when it is one. */
function revalidated(file: PageFile | null, request: Request, response: Response): void {
  if (!file) return notBuilt(response);
  response.set({ ETag: file.tag, 'Cache-Control': 'no-cache' });
  const known = (request.get('If-None-Match') ?? '').split(',').map((one) => one.trim().replace(/^W\//, ''));
  if (known.includes(file.tag) || known.includes('*')) response.status(304).end();
  else response.set('Content-Type', file.type).end(file.content);
}

function notBuilt(response: Response): void {
  response.status(503).type('html').send(NOT_BUILT);
}

const NOT_BUILT = `<!doctype html>
<html lang="en">
  <head><meta charset="utf-8"><title>The page was not built</title></head>
  <body>
    <h1>The page was not built</h1>
    <p>This service runs, and its API answers. Its billing page is made by a build of its own, and dist/page is not there.</p>
    <p>Run <code>npm run build</code>, or start the service with <code>npm start</code>, which does that first. Then start it again.</p>
  </body>
</html>
`;
