/**
 * The smallest possible pass-through on the same parts: Express and an undici pool. It meters nothing and charges nothing; with
 * DATABASE_URL it makes two bare writes for each request, of one row of its user: the least that holding and settling can be.
 */
import { once } from 'node:events';
import express from 'express';
import pg from 'pg';
import { Pool } from 'undici';

/** As our hold, it need not outlive a crash of the database. */
const HOLD = {
  name: 'hold',
  text: `update bench_accounts set held = held + 60
           from (select set_config('synchronous_commit', 'off', true)) as unhurried where id = $1`,
};
const SETTLE = {
  name: 'settle',
  text: 'update bench_accounts set held = held - 60, balance = balance - 25 where id = $1',
};

const database = process.env.DATABASE_URL
  ? new pg.Pool({ connectionString: process.env.DATABASE_URL, max: Number(process.env.DATABASE_POOL_SIZE) })
  : null;
const upstream = new Pool(process.env.UPSTREAM, { connections: 512, pipelining: 1 });
const app = express();
app.disable('x-powered-by').disable('etag');
app.use(express.json({ limit: '20mb' }));
app.post('/v1/chat/completions', async (request, response) => {
  const user = request.headers.authorization.slice('Bearer '.length);
  await database?.query({ ...HOLD, values: [user] });
  const { statusCode, headers, body } = await upstream.request({
    path: '/v1/chat/completions',
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer x' },
    body: JSON.stringify(request.body),
  });
  response.writeHead(statusCode, { 'content-type': headers['content-type'] });
  body.pipe(response, { end: database === null });
  if (!database) return;
  await once(body, 'end');
  await database.query({ ...SETTLE, values: [user] });
  response.end();
});
const server = app.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
