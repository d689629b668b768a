/** The smallest possible pass-through on the same parts: Express and an undici pool. It meters nothing and charges nothing. */
import express from 'express';
import { Pool } from 'undici';

const upstream = new Pool(process.env.UPSTREAM, { connections: 512, pipelining: 1 });
const app = express();
app.disable('x-powered-by').disable('etag');
app.use(express.json({ limit: '20mb' }));
app.post('/v1/chat/completions', async (request, response) => {
  const { statusCode, headers, body } = await upstream.request({
    path: '/v1/chat/completions',
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer x' },
    body: JSON.stringify(request.body),
  });
  response.writeHead(statusCode, { 'content-type': headers['content-type'] });
  body.pipe(response);
});
const server = app.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
