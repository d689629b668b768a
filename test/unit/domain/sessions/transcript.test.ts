import { Transcript, type SpokenSegment } from '#domain/sessions/transcript';
import { InvalidValue } from '#domain/shared/domain-exception';
import { aTranscript, segmentId, spoken } from '#test/support/transcripts';

const refusalOf = (deed: () => unknown): InvalidValue => {
  try {
    deed();
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidValue);
    return error as InvalidValue;
  }
  throw new Error('Nothing was refused.');
};

describe('a transcript of what a provider heard', () => {
  it('numbers speakers in the order of their first words, not of their labels', () => {
    const transcript = aTranscript(
      spoken({ speaker: 'A', startMs: 5000, endMs: 6000, text: 'second' }),
      spoken({ speaker: 'B', startMs: 0, endMs: 4000, text: 'first' }),
      spoken({ speaker: 'A', startMs: 7000, endMs: 8000, text: 'third' }),
    );
    expect(transcript.segments.map(({ position, speaker, text }) => [position, speaker, text])).toEqual([
      [0, 1, 'first'],
      [1, 2, 'second'],
      [2, 2, 'third'],
    ]);
    expect(transcript.speakers).toEqual([1, 2]);
  });

  it('keeps the given order of segments that start together', () => {
    const together = ['a', 'b', 'c'].map((text) => spoken({ startMs: 10, endMs: 20, text }));
    expect(aTranscript(...together).segments.map(({ text }) => text)).toEqual(['a', 'b', 'c']);
  });

  it('has one speaker when the provider does not tell speakers apart', () => {
    const transcript = aTranscript(spoken({ speaker: null }), spoken({ speaker: null, startMs: 1000, endMs: 2000 }));
    expect(transcript.segments.map(({ speaker }) => speaker)).toEqual([1, 1]);
    expect(transcript.speakerRoles).toEqual({ 1: 'unknown' });
  });

  it('drops segments without words, and does not count their speakers', () => {
    const transcript = aTranscript(
      spoken({ speaker: 'noise', startMs: 0, endMs: 10, text: ' \n\u0000 ' }),
      spoken({ speaker: 'A', startMs: 20, endMs: 30, text: '  Hello. ' }),
    );
    expect(transcript.segments.map(({ speaker, text }) => [speaker, text])).toEqual([[1, 'Hello.']]);
  });

  it.each<[string, Partial<SpokenSegment>, [number, number]]>([
    ['a negative start', { startMs: -500, endMs: 900 }, [0, 900]],
    ['an end before the start', { startMs: 900, endMs: 100 }, [900, 901]],
    ['no length', { startMs: 900, endMs: 900 }, [900, 901]],
    ['fractions of a millisecond', { startMs: 0.4, endMs: 10.6 }, [0, 11]],
    ['no numbers at all', { startMs: NaN, endMs: NaN }, [0, 1]],
    ['an endless end', { startMs: 5, endMs: Infinity }, [5, 86_400_000]],
    ['a start beyond any recording', { startMs: 1e15, endMs: 2e15 }, [86_399_999, 86_400_000]],
  ])('moves %s to the nearest possible time', (_case, times, expected) => {
    const [segment] = aTranscript(spoken(times)).segments;
    expect([segment?.startMs, segment?.endMs]).toEqual(expected);
  });

  it.each([
    [1.4, 1],
    [-0.2, 0],
    [0.5, 0.5],
    [NaN, null],
    [null, null],
  ])('takes a confidence of %p for %p', (reported, kept) => {
    expect(aTranscript(spoken({ confidence: reported })).segments[0]?.confidence).toBe(kept);
  });

  it('removes what no database row can carry from a text', () => {
    expect(aTranscript(spoken({ text: 'a\u0000b\ud800c\u0007\n d 😀' })).segments[0]?.text).toBe('abc\n d 😀');
  });
});

describe('the roles guessed at first', () => {
  const talk = (first: number, second: number) =>
    aTranscript(
      spoken({ speaker: 'A', startMs: 0, endMs: first }),
      spoken({ speaker: 'B', startMs: first, endMs: first + second }),
    ).speakerRoles;

  it('make the one of two who speaks at least 60 % of the time the client', () => {
    expect(talk(400, 600)).toEqual({ 1: 'coach', 2: 'client' });
    expect(talk(600, 400)).toEqual({ 1: 'client', 2: 'coach' });
  });

  it('name nobody when neither of two reaches 60 %', () => {
    expect(talk(401, 599)).toEqual({ 1: 'unknown', 2: 'unknown' });
  });

  it('name nobody when one or three speak', () => {
    expect(aTranscript(spoken({ speaker: 'A' })).speakerRoles).toEqual({ 1: 'unknown' });
    const three = ['A', 'B', 'C'].map((speaker, at) => spoken({ speaker, startMs: at, endMs: at === 0 ? 10_000 : 9 }));
    expect(aTranscript(...three).speakerRoles).toEqual({ 1: 'unknown', 2: 'unknown', 3: 'unknown' });
  });

  it('are nobody’s when nobody spoke', () => {
    expect(aTranscript().speakerRoles).toEqual({});
    expect(aTranscript().speakers).toEqual([]);
  });
});

describe('the role of a segment', () => {
  const transcript = aTranscript(
    spoken({ speaker: 'A', startMs: 0, endMs: 1000 }),
    spoken({ speaker: 'B', startMs: 1000, endMs: 9000 }),
  );
  const rolesOf = (of: Transcript) => of.segments.map((segment) => of.roleOf(segment));

  it('is its own, or else its speaker’s', () => {
    expect(rolesOf(transcript)).toEqual(['coach', 'client']);
    expect(rolesOf(transcript.withSegmentRoles({ [segmentId(2)]: 'coach' }))).toEqual(['coach', 'coach']);
    expect(rolesOf(transcript.withSegmentRoles({ [segmentId(2)]: 'unknown' }))).toEqual(['coach', 'unknown']);
  });

  it('follows the speaker again once its own is taken away', () => {
    const overridden = transcript.withSegmentRoles({ [segmentId(2)]: 'coach' });
    expect(rolesOf(overridden.withSegmentRoles({ [segmentId(2)]: null }))).toEqual(['coach', 'client']);
  });

  it('survives a change of the speaker’s role', () => {
    const overridden = transcript.withSegmentRoles({ [segmentId(2)]: 'coach' });
    expect(rolesOf(overridden.withSpeakerRoles({ 1: 'client', 2: 'unknown' }))).toEqual(['client', 'coach']);
  });
});

describe('an edit of a transcript', () => {
  const transcript = aTranscript(
    spoken({ speaker: 'A', startMs: 0, endMs: 1000, text: 'one' }),
    spoken({ speaker: 'B', startMs: 1000, endMs: 9000, text: 'two' }),
  );
  const stranger = '00000000-0000-4000-8000-0000000000ff';

  it('is the next transcript and leaves this one as it was', () => {
    const edited = transcript
      .withSpeakerRoles({ 1: 'CLIENT ' })
      .withSegmentRoles({ [segmentId(1).toUpperCase()]: 'Coach' })
      .withSegmentTexts({ [segmentId(2)]: '' });
    expect(edited).toBeInstanceOf(Transcript);
    expect(edited.speakerRoles).toEqual({ 1: 'client', 2: 'client' });
    expect(edited.segments.map(({ role, text }) => [role, text])).toEqual([
      ['coach', 'one'],
      [null, ''],
    ]);
    expect(transcript.speakerRoles).toEqual({ 1: 'coach', 2: 'client' });
    expect(transcript.segments.map(({ role, text }) => [role, text])).toEqual([
      [null, 'one'],
      [null, 'two'],
    ]);
  });

  it.each<[string, (of: Transcript) => unknown]>([
    ['speaker roles', (of) => of.withSpeakerRoles({})],
    ['segment roles', (of) => of.withSegmentRoles({})],
    ['segment texts', (of) => of.withSegmentTexts({})],
  ])('is refused when it names no %s', (_case, deed) => {
    const refusal = refusalOf(() => deed(transcript));
    expect([refusal.code, refusal.refusal]).toEqual(['nothing_to_change', 'invalid']);
  });

  it.each(['3', '0', '-1', '01', '1.0', 'A', '', '__proto__', 'toString'])(
    'is refused for speaker %p, who does not occur',
    (speaker) => {
      const refusal = refusalOf(() => transcript.withSpeakerRoles(Object.fromEntries([[speaker, 'coach']])));
      expect([refusal.code, refusal.refusal]).toEqual(['unknown_speaker', 'invalid']);
      expect(refusal.facts).toEqual({ unknown: [speaker], speakers: ['1', '2'] });
    },
  );

  it.each<[string, (of: Transcript) => unknown]>([
    ['role', (of) => of.withSegmentRoles({ [segmentId(1)]: 'coach', [stranger]: 'coach' })],
    ['text', (of) => of.withSegmentTexts({ [segmentId(1)]: 'x', [stranger]: 'x' })],
  ])('is refused for the %s of a segment that is not in it, naming which', (_case, deed) => {
    const refusal = refusalOf(() => deed(transcript));
    expect([refusal.code, refusal.refusal]).toEqual(['unknown_segment', 'invalid']);
    expect(refusal.facts).toEqual({ unknown: [stranger] });
  });

  it.each([['boss'], [''], [7], [undefined]])('is refused for the role %p', (role) => {
    for (const deed of [
      () => transcript.withSpeakerRoles({ 1: role }),
      () => transcript.withSegmentRoles({ [segmentId(1)]: role }),
    ]) {
      const refusal = refusalOf(deed);
      expect(refusal.code).toBe('unknown_speaker_role');
      expect(refusal.facts['supported']).toEqual(['coach', 'client', 'unknown']);
    }
  });

  it('takes null for a segment’s role and not for a speaker’s', () => {
    expect(refusalOf(() => transcript.withSpeakerRoles({ 1: null })).code).toBe('unknown_speaker_role');
  });

  it.each([[null], [undefined], [7], [{}]])('is refused for the text %p', (text) => {
    const refusal = refusalOf(() => transcript.withSegmentTexts({ [segmentId(1)]: text }));
    expect([refusal.code, refusal.refusal]).toEqual(['invalid_segment_text', 'invalid']);
  });
});
