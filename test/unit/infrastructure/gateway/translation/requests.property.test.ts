import fc from 'fast-check';
import { ProviderRefusal, type JsonObject } from '#application/gateway/ai-provider';
import { chatFromMessages } from '#infrastructure/gateway/translation/chat-from-messages';
import { completionFromMessage } from '#infrastructure/gateway/translation/completion-from-message';
import { messageFromCompletion } from '#infrastructure/gateway/translation/message-from-completion';
import { messagesFromChat } from '#infrastructure/gateway/translation/messages-from-chat';

/** A failure prints the seed; this repeats it: SEED=… on the command line. */
const SEED = Number(process.env['SEED'] ?? Date.now() % 2_147_483_647);

const NAMES = [
  ...['messages', 'role', 'content', 'type', 'text', 'tools', 'tool_choice', 'function', 'name', 'source', 'system'],
  ...[
    'tool_calls',
    'tool_use_id',
    'image_url',
    'url',
    'stop',
    'response_format',
    'input',
    'choices',
    'message',
    'usage',
  ],
];
const WORDS = [
  ...['user', 'assistant', 'system', 'tool', 'function', 'text', 'image', 'image_url', 'tool_use', 'tool_result'],
  ...['document', 'base64', 'url', 'any', 'auto', 'json_schema', 'data:image/png;base64,AA', 'data:', '{"a":1}', ''],
];

/** JSON that looks like a request here and there, and is none. */
const { body } = fc.letrec<{ body: JsonObject; value: unknown }>((tie) => ({
  body: fc.dictionary(fc.constantFrom(...NAMES), tie('value'), { maxKeys: 6 }),
  value: fc.oneof(
    { maxDepth: 5, depthSize: 'large' },
    fc.constantFrom<unknown>(...WORDS, null, 0, 1.5, true),
    fc.array(tie('value'), { maxLength: 3 }),
    tie('body'),
  ),
}));

/** Either a translation or a refusal with a field in it: any other error is one of ours, and would be a 500. */
function translatesOrRefuses(translate: () => unknown): void {
  try {
    translate();
  } catch (error) {
    if (!(error instanceof ProviderRefusal)) throw error;
    expect(error).toMatchObject({ status: 400, code: 'unsupported_parameter' });
    expect(error.message.startsWith(`${error.param}: `)).toBe(true);
  }
}

describe(`requests and answers of any shape (seed ${SEED})`, () => {
  it.each<[string, (said: JsonObject) => unknown]>([
    ['chatFromMessages', (said) => chatFromMessages({ messages: [said], ...said })],
    ['chatFromMessages of a turn', (said) => chatFromMessages({ messages: [{ role: 'user', content: [said] }] })],
    ['messagesFromChat', (said) => messagesFromChat({ messages: [said], ...said }, 100)],
    ['messagesFromChat of a turn', (said) => messagesFromChat({ messages: [{ role: 'assistant', ...said }] }, 100)],
  ])('%s translates them or refuses them by name', (_name, translate) => {
    fc.assert(
      fc.property(body, (said) => translatesOrRefuses(() => translate(said))),
      { seed: SEED, numRuns: 1000 },
    );
  });

  it('answers are always translated', () => {
    fc.assert(
      fc.property(body, (said) => {
        messageFromCompletion(said, 'm');
        messageFromCompletion({ choices: [said] }, 'm');
        messageFromCompletion({ choices: [{ message: said }] }, 'm');
        completionFromMessage(said, 1);
        completionFromMessage({ content: [said, said] }, 1);
      }),
      { seed: SEED, numRuns: 1000 },
    );
  });
});
