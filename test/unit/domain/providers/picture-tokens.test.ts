import { mostTokensOfPicture } from '#domain/providers/picture-tokens';

describe('A picture', () => {
  it.each([
    ['gpt-4o', 85 + 8 * 170],
    ['gpt-4o-2024-08-06', 85 + 8 * 170],
    ['openai/gpt-4.1', 1_536],
    ['o1', 75 + 8 * 150],
    ['gpt-5', 70 + 8 * 140],
    ['gpt-5-mini', 1_536 * 1.62],
    ['gpt-4.1-nano', 1_536 * 2.46],
    ['o4-mini', 1_536 * 1.72],
    ['gpt-4o-mini', 2_833 + 8 * 5_667],
    ['claude-haiku-4-5', 1_600],
    ['anthropic/claude-opus-4.7', 4_784],
    ['qwen-vl-max', 16_384],
    ['gpt-5.4', 10_000],
  ])('has no more tokens for %s than %d, which is in its documentation', (model, documented) => {
    expect(mostTokensOfPicture(model)).toBeGreaterThanOrEqual(documented);
  });

  it('is reserved within reason where its model is known', () => {
    for (const model of ['gpt-4o', 'gpt-5', 'o3']) expect(mostTokensOfPicture(model)).toBeLessThan(2_000);
    expect(mostTokensOfPicture('claude-sonnet-4-5')).toBeLessThan(6_000);
  });

  it('is the dearest that is documented where its model is not known', () => {
    expect(mostTokensOfPicture('fast')).toBe(mostTokensOfPicture('gpt-4o-mini'));
  });
});
