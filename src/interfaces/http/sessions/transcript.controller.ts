import { injectable } from 'inversify';
import { TranscriptEdit } from '#application/sessions/transcript-edit';
import { TranscriptExport } from '#application/sessions/transcript-export';
import { SessionNotFound } from '#domain/sessions/session-repository';
import { MEDIA_TYPES } from '#domain/sessions/transcript-download';
import { Attachment, Controller, operation } from '../shared/operation.js';
import { idParam } from '../shared/params.js';
import {
  SegmentContentRequest,
  SegmentRolesRequest,
  SpeakerRolesRequest,
  TranscriptQuery,
} from './transcript.request.js';
import { CorrectedTranscriptResponse, correctedTranscriptResponse, TranscriptResponse } from './transcript.response.js';

/** Without their parameters, as OpenAPI wants them. */
const FILES = Object.values(MEDIA_TYPES)
  .map((type) => type.split(';')[0]!)
  .filter((type) => type !== 'application/json');

/** What was said, as a file, and its corrections. */
@injectable()
export class TranscriptController implements Controller {
  constructor(
    private readonly transcriptExport: TranscriptExport,
    private readonly transcriptEdit: TranscriptEdit,
  ) {}

  readonly operations = [
    operation({
      method: 'get',
      path: '/api/v1/sessions/:id/transcript',
      tag: 'transcript',
      summary: 'Export the latest transcript of a session',
      description: 'As json unless `format` asks for txt, vtt, srt, docx, xlsx or pdf, as far as the plan has them.',
      access: 'user',
      query: TranscriptQuery,
      answer: TranscriptResponse,
      files: FILES,
      refusals: ['not_found', 'forbidden', 'invalid'],
      handle: async (call) => {
        const id = idParam<'Session'>(call, SessionNotFound);
        const exported = await this.transcriptExport.execute(id, call.caller.userId, call.query.format);
        return new Attachment(exported.mediaType, exported.disposition, exported.content);
      },
    }),
    operation({
      method: 'patch',
      path: '/api/v1/sessions/:id/speaker-roles',
      tag: 'transcript',
      summary: 'Say who the speakers are',
      access: 'user',
      body: SpeakerRolesRequest,
      answer: CorrectedTranscriptResponse,
      refusals: ['not_found', 'invalid'],
      handle: async (call) =>
        correctedTranscriptResponse(
          await this.transcriptEdit.execute(idParam(call, SessionNotFound), call.caller.userId, {
            of: 'speaker_roles',
            values: call.body.speaker_roles,
          }),
        ),
    }),
    operation({
      method: 'patch',
      path: '/api/v1/sessions/:id/segment-roles',
      tag: 'transcript',
      summary: 'Say who spoke single segments, apart from their speakers',
      access: 'user',
      body: SegmentRolesRequest,
      answer: CorrectedTranscriptResponse,
      refusals: ['not_found', 'invalid'],
      handle: async (call) =>
        correctedTranscriptResponse(
          await this.transcriptEdit.execute(idParam(call, SessionNotFound), call.caller.userId, {
            of: 'segment_roles',
            values: call.body.segment_roles,
          }),
        ),
    }),
    operation({
      method: 'patch',
      path: '/api/v1/sessions/:id/segment-content',
      tag: 'transcript',
      summary: 'Correct what was said in single segments',
      access: 'user',
      body: SegmentContentRequest,
      answer: CorrectedTranscriptResponse,
      refusals: ['not_found', 'invalid'],
      handle: async (call) =>
        correctedTranscriptResponse(
          await this.transcriptEdit.execute(idParam(call, SessionNotFound), call.caller.userId, {
            of: 'segment_texts',
            values: call.body.segment_content,
          }),
        ),
    }),
  ];
}
