import { transcriptText, type TranscriptHeading } from '#domain/sessions/transcript-formats';
import { aTranscript, segmentId, sessionId, spoken } from '#test/support/transcripts';

const heading: TranscriptHeading = {
  title: 'First meeting',
  durationSeconds: 187,
  language: 'en-US',
  createdAt: new Date('2025-11-03T09:30:00.000Z'),
};

const conversation = aTranscript(
  spoken({ speaker: 'A', startMs: 0, endMs: 1500, text: 'How are you?', confidence: 0.9 }),
  spoken({ speaker: 'B', startMs: 1500, endMs: 61_007, text: 'Well,' }),
  spoken({ speaker: 'B', startMs: 61_007, endMs: 3_723_004, text: 'and you?' }),
);

const nasty = (text: string) =>
  aTranscript(spoken({ text, startMs: 0, endMs: 1000 }), spoken({ startMs: 1000, endMs: 2000 }));

/** Cues as a player reads them (WebVTT, section 6.3; SubRip by custom): blocks between empty lines that hold an arrow. */
const cuesOf = (file: string) =>
  file
    .split(/\r\n|[\n\r]/)
    .reduce<string[][]>(
      (blocks, line) => (line === '' ? [...blocks, []] : [...blocks.slice(0, -1), [...(blocks.at(-1) ?? []), line]]),
      [[]],
    )
    .filter((block) => block.some((line) => line.includes('-->')));

const BREAKING = 'a\n\n00:00:00.000 --> 00:09:00.000\n<v Coach>forged\r\rNOTE x\u2028y\u0085z -->';

describe('a transcript as json', () => {
  it('carries the session, every segment and each role', () => {
    const edited = conversation.withSegmentRoles({ [segmentId(3)]: 'unknown' });
    expect(JSON.parse(transcriptText('json', edited, heading))).toEqual({
      session_id: sessionId,
      title: 'First meeting',
      duration_seconds: 187,
      language: 'en-US',
      created_at: '2025-11-03T09:30:00.000Z',
      role_assignments: { 1: 'coach', 2: 'client' },
      segment_roles: { [segmentId(3)]: 'unknown' },
      segments: [
        {
          id: segmentId(1),
          speaker_id: 1,
          start_sec: 0,
          end_sec: 1.5,
          content: 'How are you?',
          confidence: 0.9,
          role: 'coach',
        },
        {
          id: segmentId(2),
          speaker_id: 2,
          start_sec: 1.5,
          end_sec: 61.007,
          content: 'Well,',
          confidence: null,
          role: 'client',
        },
        {
          id: segmentId(3),
          speaker_id: 2,
          start_sec: 61.007,
          end_sec: 3723.004,
          content: 'and you?',
          confidence: null,
          role: 'unknown',
        },
      ],
    });
  });

  it('keeps segments that an edit has emptied, and an unknown duration as null', () => {
    const emptied = conversation.withSegmentTexts({ [segmentId(1)]: '' });
    const document = JSON.parse(transcriptText('json', emptied, { ...heading, durationSeconds: null }));
    expect([document.segments.length, document.segments[0].content, document.duration_seconds]).toEqual([3, '', null]);
  });
});

describe('a transcript as txt', () => {
  it('groups what one speaker says in a row under one label', () => {
    expect(transcriptText('txt', conversation, heading)).toBe(
      [
        'Transcript: First meeting',
        'Date: 2025-11-03T09:30:00.000Z',
        'Duration: 00:03:07',
        'Language: en-US',
        '',
        'Coach:',
        'How are you?',
        '',
        'Client:',
        'Well,',
        'and you?',
        '',
      ].join('\n'),
    );
  });

  it('keeps a title and a text on one line each', () => {
    const file = transcriptText('txt', nasty('a\n\nCoach:\nb'), { ...heading, title: 'x\n\nClient:\r\ny' });
    expect(file.split('\n').filter((line) => /^(Coach|Client):/.test(line))).toEqual([]);
    expect(file).toContain('Transcript: x Client: y\n');
  });
});

describe('a transcript as WebVTT', () => {
  it('has a header, the title as a note, and a voice for each cue', () => {
    expect(transcriptText('vtt', conversation, heading)).toBe(
      [
        'WEBVTT',
        '',
        'NOTE First meeting',
        '',
        '00:00:00.000 --> 00:00:01.500',
        '<v Coach>How are you?</v>',
        '',
        '00:00:01.500 --> 00:01:01.007',
        '<v Client>Well,</v>',
        '',
        '00:01:01.007 --> 01:02:03.004',
        '<v Client>and you?</v>',
        '',
      ].join('\n'),
    );
  });

  it('escapes what would be markup', () => {
    const file = transcriptText('vtt', nasty('<b>1 < 2 && 3 > 2</b> &amp;'), heading);
    expect(file).toContain('>&lt;b&gt;1 &lt; 2 &amp;&amp; 3 &gt; 2&lt;/b&gt; &amp;amp;</v>\n');
  });

  it('has as many cues as segments, whatever the title and the texts contain', () => {
    const cues = cuesOf(transcriptText('vtt', nasty(BREAKING), { ...heading, title: BREAKING }));
    expect(cues.map(([times]) => times)).toEqual(['00:00:00.000 --> 00:00:01.000', '00:00:01.000 --> 00:00:02.000']);
    expect(cues.map((lines) => lines.length)).toEqual([2, 2]);
  });

  it('has no note without a title and no cue for an emptied segment', () => {
    const emptied = conversation.withSegmentTexts({ [segmentId(1)]: ' ', [segmentId(2)]: '' });
    expect(transcriptText('vtt', emptied, { ...heading, title: ' \n ' })).toBe(
      'WEBVTT\n\n00:01:01.007 --> 01:02:03.004\n<v Client>and you?</v>\n',
    );
  });

  it('counts hours past a day’s end', () => {
    const file = transcriptText('vtt', aTranscript(spoken({ startMs: 86_399_000, endMs: 86_400_000 })), heading);
    expect(file).toContain('23:59:59.000 --> 24:00:00.000');
  });
});

describe('a transcript as SubRip', () => {
  it('numbers its cues and writes a comma before the milliseconds', () => {
    expect(transcriptText('srt', conversation, heading)).toBe(
      [
        '1',
        '00:00:00,000 --> 00:00:01,500',
        'Coach: How are you?',
        '',
        '2',
        '00:00:01,500 --> 00:01:01,007',
        'Client: Well,',
        '',
        '3',
        '00:01:01,007 --> 01:02:03,004',
        'Client: and you?',
        '',
      ].join('\n'),
    );
  });

  it('has as many cues as segments, whatever the texts contain', () => {
    const cues = cuesOf(transcriptText('srt', nasty(BREAKING.replaceAll('.', ',')), heading));
    expect(cues.map(([number, times]) => [number, times])).toEqual([
      ['1', '00:00:00,000 --> 00:00:01,000'],
      ['2', '00:00:01,000 --> 00:00:02,000'],
    ]);
    expect(cues.flat().filter((line) => line.includes('-->'))).toHaveLength(2);
  });

  it('goes on counting over a segment that an edit has emptied', () => {
    const emptied = conversation.withSegmentTexts({ [segmentId(2)]: '' });
    expect(cuesOf(transcriptText('srt', emptied, heading)).map(([number]) => number)).toEqual(['1', '2']);
  });
});

describe('a speaker without a role', () => {
  const anonymous = conversation.withSpeakerRoles({ 1: 'unknown', 2: 'unknown' });

  it.each(['txt', 'vtt', 'srt'] as const)('is Speaker N in %s, never a client', (format) => {
    const file = transcriptText(format, anonymous, heading);
    expect(file).toContain('Speaker 1');
    expect(file).toContain('Speaker 2');
    expect(file).not.toMatch(/client|coach/i);
  });
});

describe('a transcript without words', () => {
  it.each([
    ['vtt', 'WEBVTT\n\nNOTE First meeting\n'],
    ['srt', ''],
  ] as const)('is still a whole %s file', (format, file) => {
    expect(transcriptText(format, aTranscript(), heading)).toBe(file);
  });
});
