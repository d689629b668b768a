import { inputTokensOf, NO_USAGE, outputTokensOf } from '#domain/providers/ai-usage';

describe('the tokens of a usage', () => {
  const usage = {
    ...NO_USAGE,
    quantities: {
      input_token: 1,
      cached_token: 20,
      cache_write_token: 300,
      cache_write_1h_token: 4000,
      audio_token: 50_000,
      output_token: 600_000,
      reasoning_token: 7_000_000,
      audio_second: 80_000_000,
      image: 900_000_000,
    },
  };

  it('that went in are counted however they were read, and once', () => {
    expect(inputTokensOf(usage)).toBe(54_321);
  });

  it('that came out have the reasoning among them', () => {
    expect(outputTokensOf(usage)).toBe(7_600_000);
  });

  it('are none when nothing was used', () => {
    expect([inputTokensOf(NO_USAGE), outputTokensOf(NO_USAGE)]).toEqual([0, 0]);
  });
});
