import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { Router, type Response } from 'express';
import type { OpenApiDocument } from './openapi.js';

const SWAGGER_UI = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
const ASSETS = ['swagger-ui.css', 'swagger-ui-bundle.js', 'favicon-32x32.png'];
const A_DAY = 'public, max-age=86400';

/** Everything from here, no script in the page itself; the styles are Swagger UI's own, which it sets on elements. */
const POLICY = [
  `default-src 'none'`,
  `script-src 'self'`,
  `style-src 'self' 'unsafe-inline'`,
  `img-src 'self' data:`,
  `connect-src 'self'`,
  `base-uri 'none'`,
  `form-action 'none'`,
  `frame-ancestors 'none'`,
].join('; ');

/** Addresses are relative, so that the page also works behind a proxy that adds a path. */
const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Minutebook API</title>
    <link rel="icon" type="image/png" href="docs/favicon-32x32.png">
    <link rel="stylesheet" href="docs/swagger-ui.css">
  </head>
  <body>
    <div id="swagger-ui"></div>
    <noscript>This page needs JavaScript. The document itself is at <a href="openapi.json">openapi.json</a>.</noscript>
    <script src="docs/swagger-ui-bundle.js"></script>
    <script src="docs/start.js"></script>
  </body>
</html>
`;

/** Without \`validatorUrl\` null the page would show the document to a service of somebody else's. */
const START = `SwaggerUIBundle({ url: 'openapi.json', dom_id: '#swagger-ui', deepLinking: true, validatorUrl: null });
`;

/** The document, for programs and for people. */
export function documentationRoutes(document: OpenApiDocument): Router {
  const text = JSON.stringify(document);
  const router = Router({ strict: true });
  router.get('/openapi.json', (_request, response) => {
    named(response, '/openapi.json').type('application/json').send(text);
  });
  router.get('/docs', (_request, response) => {
    named(response, '/docs').set('Content-Security-Policy', POLICY).type('text/html').send(PAGE);
  });
  router.get('/docs/', (_request, response) => named(response, '/docs').redirect(308, '../docs'));
  router.get('/docs/start.js', (_request, response) => {
    named(response, '/docs/*asset').set('Cache-Control', A_DAY).type('text/javascript').send(START);
  });
  router.get('/docs/:asset', (request, response, next) => {
    if (!ASSETS.includes(request.params.asset)) return next();
    named(response, '/docs/*asset').set('Cache-Control', A_DAY).sendFile(request.params.asset, { root: SWAGGER_UI });
  });
  return router;
}

function named(response: Response, route: string): Response {
  response.locals.route = route;
  return response;
}
