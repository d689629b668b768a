/** A provider on the loopback: OpenAI's answers, whole or in pieces, at once. Tells its port to its parent. */
import { createServer } from 'node:http';

const usage = { prompt_tokens: 20, completion_tokens: 32, total_tokens: 52 };
const head = { id: 'chatcmpl-1', created: 1, model: 'gpt-4o-mini' };
const text = 'Thirty-two words of an answer. '.repeat(8);
const whole = JSON.stringify({
  ...head,
  object: 'chat.completion',
  choices: [{ index: 0, message: { role: 'assistant', content: text }, logprobs: null, finish_reason: 'stop' }],
  usage,
});
const chunk = (fields) => `data: ${JSON.stringify({ ...head, object: 'chat.completion.chunk', ...fields })}\n\n`;
const delta = (content) => chunk({ choices: [{ index: 0, delta: { content }, finish_reason: null }], usage: null });
const pieces = [
  chunk({ choices: [{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null }], usage: null }),
  ...Array.from({ length: 32 }, (_, index) => delta(` word${index}`)),
  chunk({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }], usage: null }),
  chunk({ choices: [], usage }),
  'data: [DONE]\n\n',
];

const server = createServer(async (request, response) => {
  let body = '';
  for await (const part of request) body += part;
  if (!JSON.parse(body).stream) {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(whole) });
    return response.end(whole);
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  // One write each turn of the event loop, as a model does: nothing arrives as one block.
  const next = (index) => {
    if (response.destroyed) return;
    response.write(pieces[index]);
    if (index + 1 < pieces.length) setImmediate(next, index + 1);
    else response.end();
  };
  next(0);
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
