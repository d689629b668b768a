import { findRefusalMessage } from '#infrastructure/providers/openai-refusal';

const KEY = 'my-own-secret-0123456789';

describe('what a refusal says', () => {
  it.each<[string, unknown, string]>([
    ['OpenAI’s error', { error: { message: 'Rate limit reached', type: 'requests' } }, 'Rate limit reached'],
    ['FastAPI’s detail', { detail: 'no such model' }, 'no such model'],
    ['FastAPI’s list', { detail: [{ loc: ['body', 'file'], msg: 'Field required' }] }, 'Field required'],
    ['a bare message', { message: 'nope' }, 'nope'],
    ['an error that is a text', { error: 'nope' }, 'nope'],
    ['several lines as one', { error: { message: 'a\r\nb\u0000' } }, 'a b'],
    ['the beginning of a novel', { error: { message: 'x'.repeat(5000) } }, 'x'.repeat(300)],
  ])('is taken from %s', (_case, answer, message) => {
    expect(findRefusalMessage(JSON.stringify(answer), KEY)).toBe(message);
  });

  it.each([
    [`bad ${KEY} bad ${KEY}`, 'bad [key] bad [key]'],
    ['bad sk-proj-abc***xyz bad', 'bad [key] bad'],
    ['Authorization: Bearer abcdef.1 is wrong', 'Authorization: [key] is wrong'],
  ])('never contains a key: %j', (message, safe) => {
    expect(findRefusalMessage(JSON.stringify({ error: { message } }), KEY)).toBe(safe);
  });

  it.each(['<html>Bad gateway</html>', '', 'null', '[]', '{}', '{"error":{"message":7}}', '{"message":" \\n "}'])(
    'is nothing when the body is %j',
    (body) => {
      expect(findRefusalMessage(body, null)).toBeNull();
    },
  );
});
