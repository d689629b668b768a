import type { Dialect, JsonObject } from '#application/gateway/ai-provider';
import { mostTokensOfPicture } from '#domain/providers/picture-tokens';
import { chatFields, type ChatFields } from '#interfaces/http/gateway/chat-ask';
import { InvalidRequest } from '#interfaces/http/shared/parse';

const A_MESSAGE = { role: 'user', content: 'Grüezi' };
const bodyWith = (of: JsonObject): JsonObject => ({
  model: 'gpt-4o-mini',
  max_tokens: 10,
  messages: [A_MESSAGE],
  ...of,
});
const saying = (...content: readonly unknown[]): JsonObject => ({ messages: [{ role: 'user', content }] });
const read = (of: JsonObject, dialect: Dialect = 'openai', sent = JSON.stringify(bodyWith(of))): ChatFields =>
  chatFields(JSON.parse(sent) as JsonObject, Buffer.from(sent), dialect);

function problems(of: JsonObject, dialect: Dialect = 'openai'): readonly string[] {
  try {
    read(of, dialect);
    return [];
  } catch (error) {
    if (error instanceof InvalidRequest) return error.errors.map(({ field }) => field);
    throw error;
  }
}

describe('A chat that a provider would charge by other prices', () => {
  it.each<[string, JsonObject]>([
    ['models', { models: ['anthropic/claude-opus-4.5'] }],
    ['route', { route: 'fallback' }],
    ['fallbacks', { fallbacks: ['x'] }],
    ['preset', { preset: 'dear' }],
    ['provider', { provider: { order: ['dear'] } }],
    ['plugins', { plugins: [{ id: 'web' }] }],
    ['best_of', { best_of: 50 }],
    ['enable_search', { enable_search: true }],
    ['search_parameters', { search_parameters: { mode: 'on' } }],
    ['web_search_options', { web_search_options: {} }],
    ['mcp_servers', { mcp_servers: [{ url: 'https://x.example' }] }],
    ['container', { container: 'c' }],
    ['service_tier', { service_tier: 'priority' }],
    ['service_tier', { service_tier: 'performance' }],
    ['speed', { speed: 'fast' }],
    ['inference_geo', { inference_geo: 'us' }],
    ['modalities', { modalities: ['text', 'audio'] }],
    ['modalities', { modalities: ['image'] }],
    ['tools', { tools: [{ type: 'web_search_20250305', name: 'web_search' }] }],
    ['tools', { tools: [{ type: 'openrouter:web_search' }] }],
    ['tools', { tools: [{ type: 'function', function: { name: 'f' } }, { type: 'file_search' }] }],
    ['tools', { tools: [{ type: 'advisor_20260301' }] }],
  ])('is refused by the name of its field: %s %j', (field, of) => {
    expect(problems(of)).toEqual([field]);
  });

  it.each<[JsonObject]>([
    [{ models: [], plugins: null, provider: null, best_of: 1, enable_search: false }],
    [{ service_tier: 'auto', speed: 'standard', modalities: ['text'] }],
    [{ service_tier: 'flex', speed: null }],
    [
      {
        tools: [
          { type: 'function', function: { name: 'web_search' } },
          { type: 'custom', name: 'c' },
        ],
      },
    ],
    [
      {
        tools: [
          { name: 'weather', input_schema: {} },
          { type: 'bash_20250124', name: 'bash' },
        ],
      },
    ],
    [{ tools: [{ type: 'computer_20251124' }, { type: 'text_editor_20250728' }, { type: 'memory_20250818' }] }],
    [{ temperature: 2, metadata: { models: 'x' }, stream_options: { include_usage: true } }],
  ])('is not one that asks for nothing of the kind: %j', (of) => {
    expect(problems(of)).toEqual([]);
  });
});

describe('A part of a message that is longer than it looks', () => {
  const PLACE = 'messages[0].content[0]';

  it.each<[string, JsonObject]>([
    [PLACE, { type: 'file', file: { file_id: 'file-abc' } }],
    [PLACE, { type: 'file', file: { filename: 'a.pdf', file_data: 'data:application/pdf;base64,AAAA' } }],
    [PLACE, { type: 'input_file', file_url: 'https://x.example/a.pdf' }],
    [PLACE, { type: 'video_url', video_url: { url: 'https://x.example/a.mp4' } }],
    [PLACE, { type: 'container_upload', file_id: 'file-abc' }],
    [PLACE, { type: 7 }],
    [PLACE, { file: { file_id: 'file-abc' } }],
    [PLACE, { type: 'image_url', image_url: { url: 'data:application/pdf;base64,AAAA' } }],
    [`${PLACE}.source`, { type: 'document', source: { type: 'url', url: 'https://x.example/600pages.pdf' } }],
    [`${PLACE}.source`, { type: 'document', source: { type: 'file', file_id: 'file-abc' } }],
    [`${PLACE}.source`, { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: 'AA' } }],
    [`${PLACE}.source`, { type: 'document' }],
    [`${PLACE}.source`, { type: 'image', source: { type: 'file', file_id: 'file-abc' } }],
    [`${PLACE}.content[0].source`, { type: 'tool_result', content: [{ type: 'document', source: { type: 'url' } }] }],
  ])('is refused by its place, with what to send instead: %s %j', (field, part) => {
    expect(() => read(saying(part), 'anthropic')).toThrow(
      expect.objectContaining({
        errors: [{ field, message: expect.stringMatching(/cannot be reserved\. Send its text, or its pages as pict/) }],
      }),
    );
  });

  it('is not told more than ten times', () => {
    expect(problems(saying(...Array.from({ length: 1_000 }, () => ({ type: 'file' }))))).toHaveLength(10);
  });

  it('is none of text, sound, tools, thoughts and documents of text', () => {
    const parts = [
      { type: 'text', text: 'a' },
      { text: 'of an older client' },
      { type: 'input_audio', input_audio: { data: 'AAAA', format: 'mp3' } },
      { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'a' } },
      { type: 'document', source: { type: 'content', content: [{ type: 'text', text: 'a' }] } },
      { type: 'search_result', source: 'https://x.example', title: 'a', content: [{ type: 'text', text: 'a' }] },
      { type: 'thinking', thinking: 'a', signature: 'b' },
      { type: 'tool_use', id: 'a', name: 'b', input: {} },
      { type: 'tool_result', tool_use_id: 'a', content: 'b' },
    ];
    expect(problems(saying(...parts), 'anthropic')).toEqual([]);
  });
});

describe('What a chat can read at most', () => {
  const tokens = (of: JsonObject, dialect: Dialect = 'openai') => read(of, dialect).demand.inputTokens;
  const url = 'https://x.example/a.png';

  it('is a token for three bytes, and for each picture the most of its model, wherever it stands', () => {
    const picture = { type: 'image', source: { type: 'url', url } };
    const parts = [
      { type: 'image_url', image_url: { url, detail: 'high' } },
      picture,
      { type: 'tool_result', content: [picture] },
      { type: 'document', source: { type: 'content', content: [picture] } },
    ];
    const without = parts.map(() => 0).length;
    for (const model of ['gpt-4o-mini', 'claude-haiku-4-5', 'gpt-4o', 'unheard-of']) {
      const read = tokens({ ...saying(...parts), model });
      expect(read).toBeGreaterThanOrEqual(without * mostTokensOfPicture(model));
      expect(read).toBeLessThan(without * mostTokensOfPicture(model) + 300);
    }
    expect(mostTokensOfPicture('gpt-4o-mini')).toBe(48_169);
  });

  it('does not count the data of a picture as text', () => {
    const data = 'A'.repeat(30_000);
    const asUrl = { type: 'image_url', image_url: { url: `data:image/png;base64,${data}` } };
    const asSource = { type: 'image', source: { type: 'base64', media_type: 'image/png', data } };
    for (const part of [asUrl, asSource]) expect(tokens({ ...saying(part), model: 'gpt-4o' })).toBeLessThan(1_800);
  });

  it('is written to a cache where the request asks for it, however it is spelt', () => {
    const cached = bodyWith(saying({ type: 'text', text: 'a', cache_control: { type: 'ephemeral' } }));
    const escaped = JSON.stringify(cached).replace('"cache_control"', String.raw`"\u0063ache_control"`);
    expect(escaped).not.toContain('cache_control');
    expect(read({}, 'anthropic', escaped).demand.cacheWrites).toBe(true);
    expect(read({}, 'anthropic', JSON.stringify(cached)).demand.cacheWrites).toBe(true);
    expect(read(saying({ type: 'text', text: '"cache_control"' })).demand.cacheWrites).toBe(false);
  });
});
