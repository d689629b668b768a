import { inputTokensOf } from '#domain/providers/ai-usage';
import { corrected, estimated, usageOfMessage } from '#infrastructure/gateway/anthropic-usage';

const REPORTED = {
  input_tokens: 21,
  cache_creation_input_tokens: 500,
  cache_read_input_tokens: 1024,
  cache_creation: { ephemeral_5m_input_tokens: 200, ephemeral_1h_input_tokens: 300 },
  output_tokens: 305,
};

describe('what Anthropic reports', () => {
  it('is counted under one unit each: fresh, cached, written for five minutes, written for an hour, out', () => {
    expect(usageOfMessage(REPORTED)).toEqual({
      quantities: {
        input_token: 21,
        cached_token: 1024,
        cache_write_token: 200,
        cache_write_1h_token: 300,
        output_token: 305,
      },
      source: 'provider',
      image: null,
    });
    expect(inputTokensOf(usageOfMessage(REPORTED))).toBe(21 + 1024 + 500);
  });

  it('counts every cache write as one for five minutes when nothing else is said', () => {
    const { quantities } = usageOfMessage({ ...REPORTED, cache_creation: null });
    expect(quantities).toMatchObject({ cache_write_token: 500, cache_write_1h_token: 0 });
  });

  it('takes the parts when the sum of the cache writes is missing', () => {
    const { quantities } = usageOfMessage({ ...REPORTED, cache_creation_input_tokens: null });
    expect(quantities).toMatchObject({ cache_write_token: 200, cache_write_1h_token: 300 });
  });

  it.each([
    ['nothing', {}],
    ['nulls', { input_tokens: null, cache_creation_input_tokens: null, cache_creation: null, output_tokens: null }],
    ['text', { input_tokens: '12', cache_creation: 'none', output_tokens: {} }],
    ['negative counts', { input_tokens: -1, cache_creation: { ephemeral_1h_input_tokens: -5 }, output_tokens: -3 }],
    ['what is no number', { input_tokens: NaN, output_tokens: Infinity }],
  ])('is none at all of %s', (_what, usage) => {
    expect(Object.values(usageOfMessage(usage).quantities)).toEqual([0, 0, 0, 0, 0]);
  });

  it('is never negative when an hour of cache is said to be more than all of it', () => {
    const { quantities } = usageOfMessage({ ...REPORTED, cache_creation_input_tokens: 100 });
    expect(quantities).toMatchObject({ cache_write_token: 0, cache_write_1h_token: 300 });
  });
});

describe('a later report', () => {
  it('replaces what it mentions, zero too, and keeps what it leaves out or does not know', () => {
    const later = corrected(REPORTED, { input_tokens: 0, cache_read_input_tokens: null, output_tokens: 400 });
    expect(usageOfMessage(later).quantities).toMatchObject({ input_token: 0, cached_token: 1024, output_token: 400 });
  });
});

describe('an estimate', () => {
  it('is a token for every four bytes begun, and says that it is one', () => {
    expect(estimated(usageOfMessage({ input_tokens: 7 }), 9)).toMatchObject({
      quantities: { input_token: 7, output_token: 3 },
      source: 'estimate',
    });
  });

  it('is never below what was reported already', () => {
    expect(estimated(usageOfMessage({ output_tokens: 10 }), 9).quantities.output_token).toBe(10);
  });
});
