import 'reflect-metadata';
import { transcriptText } from '#domain/sessions/transcript-formats';
import {
  correctedTranscriptResponse,
  CorrectedTranscriptResponse,
  TranscriptResponse,
} from '#interfaces/http/sessions/transcript.response';
import { parse } from '#interfaces/http/shared/parse';
import { aTranscript, segmentId, spoken } from '#test/support/transcripts';

const transcript = aTranscript(
  spoken({ speaker: 'A' }),
  spoken({ speaker: 'B', startMs: 1000, endMs: 2500, confidence: 0.5 }),
);
const heading = {
  title: 'Monday',
  durationSeconds: 61,
  language: 'en-US',
  createdAt: new Date('2026-03-10T12:00:00Z'),
};

describe('the description of a transcript as json', () => {
  it.each([
    ['as it arrived', transcript, heading],
    ['with a role of its own for a segment', transcript.withSegmentRoles({ [segmentId(1)]: 'client' }), heading],
    ['of which nothing is known', aTranscript(), { ...heading, title: '', durationSeconds: null }],
  ])('names every field of a transcript %s, and no other', (_, made, head) => {
    const document = JSON.parse(transcriptText('json', made, head)) as object;
    const described = parse(TranscriptResponse, document);
    expect(Object.keys(described).sort()).toEqual(Object.keys(document).sort());
  });
});

describe('the answer to a correction', () => {
  it('says who is who, and nothing of what was said', () => {
    const answer = correctedTranscriptResponse(transcript.withSegmentRoles({ [segmentId(2)]: 'coach' }));
    parse(CorrectedTranscriptResponse, answer);
    expect(answer.segment_roles).toEqual({ [segmentId(2)]: 'coach' });
    expect(JSON.stringify(answer)).not.toContain('Hello.');
  });
});
