import {
  estimatedInput,
  reportsTokens,
  tokensOfBytes,
  usageOfCompletion,
  usageOfImages,
  usageOfTranscription,
} from '#infrastructure/gateway/openai-usage';

describe('The usage that OpenAI reports', () => {
  it('counts nothing under two units', () => {
    const usage = usageOfCompletion({
      prompt_tokens: 100,
      completion_tokens: 50,
      total_tokens: 150,
      prompt_tokens_details: { cached_tokens: 40, audio_tokens: 10, cache_write_tokens: 5 },
      completion_tokens_details: { reasoning_tokens: 20 },
    });
    expect(usage).toEqual({
      quantities: {
        input_token: 45,
        cached_token: 40,
        cache_write_token: 5,
        audio_token: 10,
        output_token: 30,
        reasoning_token: 20,
      },
      source: 'provider',
      image: null,
    });
  });

  it('counts what is missing as none, and nothing below zero', () => {
    const none = { input_token: 0, cached_token: 0, cache_write_token: 0, audio_token: 0 };
    expect(usageOfCompletion({}).quantities).toEqual({ ...none, output_token: 0, reasoning_token: 0 });
    const odd = {
      prompt_tokens: 3,
      completion_tokens: 2,
      prompt_tokens_details: { cached_tokens: 5, audio_tokens: 5 },
      completion_tokens_details: { reasoning_tokens: 7 },
    };
    const expected = { ...none, cached_token: 3, output_token: 0, reasoning_token: 2 };
    expect(usageOfCompletion(odd).quantities).toEqual(expected);
    expect(usageOfCompletion({ prompt_tokens: -4, completion_tokens: '9' }).quantities.input_token).toBe(0);
  });

  it('counts reasoning beside the completion where the total says that it is', () => {
    const usage = {
      prompt_tokens: 10,
      completion_tokens: 5,
      total_tokens: 35,
      completion_tokens_details: { reasoning_tokens: 20 },
    };
    expect(usageOfCompletion(usage).quantities).toMatchObject({ output_token: 5, reasoning_token: 20 });
  });

  it('knows how DeepSeek counts what it read from a cache', () => {
    const usage = { prompt_tokens: 10, completion_tokens: 5, prompt_cache_hit_tokens: 8, prompt_cache_miss_tokens: 2 };
    expect(usageOfCompletion(usage).quantities).toMatchObject({ input_token: 2, cached_token: 8 });
  });

  it.each([[undefined], [null], [{}], [{ prompt_tokens: 0, completion_tokens: 0 }], ['none']])(
    'is no report when it is %j',
    (usage) => expect(reportsTokens(usage)).toBe(false),
  );

  it('counts the pictures that were drawn, as they were drawn or else ordered', () => {
    const data = [{ url: 'a' }, { url: 'b' }];
    expect(usageOfImages({ data, size: '1024x1024', quality: 'high' }, { n: 3, size: '512x512' })).toEqual({
      quantities: { image: 2 },
      source: 'provider',
      image: { quality: 'high', size: '1024x1024' },
    });
    // PostgreSQL keeps no NUL and no half of a surrogate pair.
    for (const odd of ['\u0000', 'hi\u0000gh', '\ud800', 'x'.repeat(1e6), 'HIGH', 7, {}, '']) {
      expect(usageOfImages({ data, size: odd, quality: odd }, { size: '512x512', quality: 'low' }).image).toEqual({
        quality: 'low',
        size: '512x512',
      });
      expect(usageOfImages({ data, size: odd, quality: odd }, {}).image).toEqual({ quality: null, size: null });
    }
    expect(usageOfImages({ data }, { size: '512x512', quality: 'auto' }).image).toEqual({
      quality: null,
      size: '512x512',
    });
  });

  it.each([
    [{ text: '', usage: { type: 'duration', seconds: 61.2 } }, { audio_second: 62 }, 'provider'],
    [{ text: '', duration: 8.47 }, { audio_second: 9 }, 'provider'],
    [{ text: '', duration: '8.47' }, { audio_second: 9 }, 'provider'],
    [{ text: '', usage: { prompt_audio_seconds: 203, prompt_tokens: 4 } }, { audio_second: 203 }, 'provider'],
    [{ text: '' }, { audio_second: 31 }, 'estimate'],
    [null, { audio_second: 31 }, 'estimate'],
    [
      {
        usage: {
          type: 'tokens',
          input_tokens: 14,
          input_token_details: { text_tokens: 4, audio_tokens: 10 },
          output_tokens: 45,
        },
      },
      { audio_token: 10, input_token: 4, output_token: 45 },
      'provider',
    ],
    [
      { usage: { type: 'tokens', input_tokens: 14, output_tokens: 45 } },
      { audio_token: 14, input_token: 0, output_token: 45 },
      'provider',
    ],
  ])('of the transcription %j of 30.5 seconds is %j', (answer, quantities, source) => {
    expect(usageOfTranscription(answer, 30.5)).toEqual({ quantities, source, image: null });
  });

  it('is estimated by the bytes of the texts, and 1,000 tokens for each picture', () => {
    expect(tokensOfBytes(9)).toBe(3);
    const content = [
      { type: 'text', text: 'ü'.repeat(8) },
      { type: 'image_url', image_url: { url: 'data:…' } },
    ];
    const messages = [
      { role: 'system', content: 'abcd' },
      { role: 'user', content },
    ];
    expect(estimatedInput({ messages })).toBe(1_005);
    expect(estimatedInput({ messages, tools: [{ a: 1 }] })).toBe(1_008);
    expect(estimatedInput({})).toBe(0);
  });
});
