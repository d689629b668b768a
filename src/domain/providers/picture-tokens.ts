/**
 * Tokens that one picture in a message can be counted as, by families of models: the most that their documentation allows.
 *
 * OpenAI, tiles (https://platform.openai.com/docs/guides/images-vision, "Calculating costs"): a picture is brought to 2048 × 2048
 * and then to 768 on its shorter side, so that it has 8 tiles of 512 × 512 at most (768 × 2048). gpt-4o, gpt-4.1, gpt-4.5 and
 * gpt-4-turbo count 85 + 8 × 170 = 1 445, o1 and o3 75 + 8 × 150, gpt-5 70 + 8 × 140; gpt-4o-mini 2 833 + 8 × 5 667 = 48 169.
 * OpenAI, patches of 32 × 32, 1 536 of them at most: times 1.62 for gpt-4.1-mini and gpt-5-mini, 2.46 for the nanos, 1.72 for o4-mini.
 * Anthropic (https://docs.claude.com/en/docs/build-with-claude/vision): about 1 600, and 4 784 for models of high resolution.
 */
const FAMILIES: readonly (readonly [name: RegExp, tokens: number])[] = [
  [/^(?:gpt-4\.1|gpt-5)-nano\b/, 3_800],
  [/^(?:gpt-4\.1-mini|gpt-5-mini|o4-mini)\b/, 2_700],
  [
    /^(?:chatgpt-4o|gpt-4o|gpt-4\.1|gpt-4\.5|gpt-4-turbo|gpt-5|o1|o3)(?:-(?:latest|preview|chat|pro|\d{4}|\d{2}))*$/,
    1_600,
  ],
  [/^claude-/, 5_000],
];

/** Of the dearest that is documented, gpt-4o-mini: whoever else answers, does not count more. */
const MOST = 48_169;

/** `model` is a name as callers know it, with or without the maker's name before it: `openai/gpt-4o`. */
export function mostTokensOfPicture(model: string): number {
  const name = model.slice(model.lastIndexOf('/') + 1).toLowerCase();
  return FAMILIES.find(([family]) => family.test(name))?.[1] ?? MOST;
}
