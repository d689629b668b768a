import { findTranscription } from '#infrastructure/providers/openai-transcription-answer';
import { DIARIZED, VERBOSE } from '#test/support/openai-transcription-double';

const read = (answer: unknown, recordingSeconds = 60) => findTranscription(JSON.stringify(answer), recordingSeconds);

describe('an answer of a transcription', () => {
  it.each<[string, unknown, number | null]>([
    ['the duration', { ...VERBOSE, duration: 12.5 }, 12.5],
    ['the duration written as text', { ...VERBOSE, duration: '12.5' }, 12.5],
    ['the billed seconds when there is no duration', { ...VERBOSE, duration: undefined }, 9],
    ['nothing when there is neither', { ...VERBOSE, duration: undefined, usage: undefined }, null],
    ['nothing for token usage', { ...DIARIZED, duration: undefined }, null],
    ['nothing for a negative duration', { ...VERBOSE, duration: -3, usage: undefined }, null],
    ['nothing for an empty text', { ...VERBOSE, duration: '', usage: undefined }, null],
    ['zero for zero', { ...VERBOSE, duration: 0 }, 0],
  ])('reports %s', (_case, answer, seconds) => {
    expect(read(answer)?.seconds).toBe(seconds);
  });

  it.each<[string, unknown]>([
    ['are missing', { text: ' All of it. ', duration: 8 }],
    ['cannot all be read', { text: 'All of it.', duration: 8, segments: [VERBOSE.segments[0], { text: 'no times' }] }],
    ['are no list', { text: 'All of it.', duration: 8, segments: 'none' }],
    ['are no objects', { text: 'All of it.', duration: 8, segments: [null] }],
  ])('is one segment when its segments %s', (_case, answer) => {
    const found = read(answer);
    expect(found?.segments).toEqual([{ speaker: null, startMs: 0, endMs: 8000, text: 'All of it.', confidence: null }]);
    expect(found?.hasTimes).toBe(false);
  });

  it('is as long as the recording when it has neither times nor duration', () => {
    expect(read({ text: 'All of it.' }, 61)?.segments[0]?.endMs).toBe(61_000);
  });

  it.each([
    [-0.2860786, Math.exp(-0.2860786)],
    [0.1, 1],
    [-Infinity, null],
    [undefined, null],
  ])('turns a mean log-probability of %p into a confidence of %p', (avg_logprob, confidence) => {
    const segment = { start: 0, end: 1, text: 'x', avg_logprob };
    expect(read({ text: 'x', segments: [segment] })?.segments[0]?.confidence).toBe(confidence);
  });

  it.each([
    ['A', 'A'],
    [0, '0'],
    [undefined, null],
    [null, null],
  ])('takes the speaker %p for %p', (speaker, label) => {
    expect(read({ text: 'x', segments: [{ start: 0, end: 1, text: 'x', speaker }] })?.segments[0]?.speaker).toBe(label);
  });

  it('keeps the figures of the usage and nothing else of it', () => {
    const usage = { type: 'tokens', input_tokens: 1, output_tokens: 2, total_tokens: 3, note: 'x', details: { a: 1 } };
    expect(read({ text: '', usage })?.usage).toEqual({
      type: 'tokens',
      input_tokens: 1,
      output_tokens: 2,
      total_tokens: 3,
    });
  });

  it.each(['', '{"text": "cut of', '[]', 'null', '"text"', '7', '{}', '{"text": 7}', '{"segments": [{}]}', '<html>'])(
    'is none when it is %j',
    (body) => {
      expect(findTranscription(body, 60)).toBeNull();
    },
  );
});
