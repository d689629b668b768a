import { plain } from '#test/support/ai/sandbox-world';

const SAYS_SO = "This transcript was made up by Minutebook's sandbox.";

const transcript = (seconds: number, body: Record<string, unknown> = {}) =>
  plain({
    task: 'transcription',
    model: 'sandbox-transcribe',
    body,
    audio: { filename: 'talk.mp3', contentType: 'audio/mpeg', bytes: Buffer.alloc(10), seconds },
  });

interface Verbose {
  readonly text: string;
  readonly language: string;
  readonly duration: number;
  readonly segments: readonly { readonly start: number; readonly end: number; readonly text: string }[];
}

const verbose = async (seconds: number, body: Record<string, unknown> = {}): Promise<Verbose> =>
  JSON.parse(String((await transcript(seconds, { ...body, response_format: 'verbose_json' })).body)) as Verbose;

const wordsIn = (text: string, language = 'en') =>
  [...new Intl.Segmenter(language, { granularity: 'word' }).segment(text)].filter(({ isWordLike }) => isWordLike)
    .length;

describe('a transcript of the sandbox', () => {
  it('says that it is made up, and what it used, in JSON unless said otherwise', async () => {
    const answer = await transcript(20.2);
    expect(answer.contentType).toBe('application/json');
    const { text, usage } = JSON.parse(String(answer.body)) as { text: string; usage: unknown };
    expect(text.startsWith(`${SAYS_SO} What would you like`)).toBe(true);
    expect(usage).toEqual({ type: 'duration', seconds: 21 });
    expect(await transcript(20.2, { response_format: 'json' })).toEqual(answer);
  });

  it('is charged by the second that has begun', async () => {
    const { usage } = await transcript(20.2);
    expect(usage).toEqual({ quantities: { audio_second: 21 }, source: 'provider', image: null });
    expect((await transcript(20)).usage.quantities.audio_second).toBe(20);
  });

  it.each([
    [10, 20],
    [61, 122],
    [600, 1200],
    [1000, 2000],
    [7200, 2000],
  ])('has two words a second, and 2000 at most: %d s have %d', async (seconds, words) => {
    expect(wordsIn((await verbose(seconds)).text)).toBe(words);
  });

  it('says that it is made up however short the recording is', async () => {
    for (const seconds of [0.1, 1, 4]) expect((await verbose(seconds)).text).toBe(SAYS_SO);
  });

  it.each([0.1, 20.25, 600, 7200])('is as long as the recording, without gaps: %d s', async (seconds) => {
    const { segments, text, duration } = await verbose(seconds);
    expect(duration).toBe(seconds);
    expect(segments[0]!.start).toBe(0);
    expect(segments.at(-1)!.end).toBe(seconds);
    expect(segments.slice(1).map(({ start }) => start)).toEqual(segments.slice(0, -1).map(({ end }) => end));
    expect(segments.every(({ start, end }) => start < end)).toBe(true);
    expect(segments.map((segment) => segment.text).join(' ')).toBe(text);
  });

  it('is the same for the same recording', async () => {
    expect(await verbose(300)).toEqual(await verbose(300));
  });

  it('is in Chinese when it is asked to be, counted by the words of Chinese', async () => {
    const { text, language } = await verbose(60, { language: 'zh' });
    expect(language).toBe('chinese');
    expect(text).toContain('今天你想談什麼？');
    expect(wordsIn(text, 'zh')).toBe(120);
    expect((await verbose(60)).language).toBe('english');
  });

  it.each(['english', 'en-US', 'xx', '../'])('is refused in what is no code of a language: %s', async (language) => {
    await expect(transcript(10, { language })).rejects.toMatchObject({ status: 400, param: 'language' });
  });

  it('is text alone when it is asked to be', async () => {
    expect(await transcript(3, { response_format: 'text' })).toMatchObject({
      contentType: 'text/plain; charset=utf-8',
      body: `${SAYS_SO}\n`,
    });
  });

  it('is subtitles when it is asked to be', async () => {
    const srt = await transcript(8, { response_format: 'srt' });
    expect(srt.contentType).toBe('application/x-subrip; charset=utf-8');
    expect(srt.body).toBe(
      `1\n00:00:00,000 --> 00:00:04,000\n${SAYS_SO}\n\n2\n00:00:04,000 --> 00:00:08,000\nWhat would you like to look at today?\n`,
    );
    const vtt = await transcript(3700, { response_format: 'vtt' });
    expect(vtt.contentType).toBe('text/vtt; charset=utf-8');
    expect(String(vtt.body)).toMatch(/^WEBVTT\n\n00:00:00\.000 --> 00:00:14\.800\nThis transcript/);
    expect(String(vtt.body)).toMatch(/ --> 01:01:40\.000\n[^\n]+\n$/);
  });
});
