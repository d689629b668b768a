import { injectable } from 'inversify';
import { SessionCreation } from '#application/sessions/session-creation';
import { TranscriptionStart } from '#application/sessions/transcription-start';
import { UploadAuthorization } from '#application/sessions/upload-authorization';
import { UploadConfirmation } from '#application/sessions/upload-confirmation';
import { SessionNotFound } from '#domain/sessions/session-repository';
import { Controller, operation } from '../shared/operation.js';
import { idParam } from '../shared/params.js';
import { CreateSessionRequest, UploadUrlRequest } from './session.request.js';
import { SessionResponse, sessionResponse, UploadUrlResponse, uploadUrlResponse } from './session.response.js';

/** From the first title to the running transcription. */
@injectable()
export class SessionController implements Controller {
  constructor(
    private readonly creation: SessionCreation,
    private readonly uploadAuthorization: UploadAuthorization,
    private readonly uploadConfirmation: UploadConfirmation,
    private readonly transcriptionStart: TranscriptionStart,
  ) {}

  readonly operations = [
    operation({
      method: 'post',
      path: '/api/v1/sessions',
      tag: 'sessions',
      summary: 'Create a session, if the plan has room for one more in this period',
      access: 'user',
      body: CreateSessionRequest,
      answer: SessionResponse,
      refusals: ['forbidden', 'unavailable'],
      handle: async ({ caller, body }) =>
        sessionResponse(
          await this.creation.execute({
            userId: caller.userId,
            title: body.title.trim(),
            language: body.language,
            sttProvider: body.stt_provider,
          }),
        ),
    }),
    operation({
      method: 'post',
      path: '/api/v1/sessions/:id/upload-url',
      tag: 'sessions',
      summary: 'Get a signed address to PUT one recording to',
      access: 'user',
      body: UploadUrlRequest,
      answer: UploadUrlResponse,
      refusals: ['not_found', 'conflict', 'too_large'],
      handle: async (call) => {
        const { ticket, maxBytes } = await this.uploadAuthorization.execute({
          sessionId: idParam(call, SessionNotFound),
          userId: call.caller.userId,
          filename: call.body.filename,
          claimedMb: call.body.file_size_mb,
        });
        return uploadUrlResponse(ticket, maxBytes);
      },
    }),
    operation({
      method: 'post',
      path: '/api/v1/sessions/:id/confirm-upload',
      tag: 'sessions',
      summary: 'Have the uploaded recording measured and taken into the session',
      access: 'user',
      answer: SessionResponse,
      refusals: ['not_found', 'conflict', 'too_large', 'invalid'],
      prepare: (call) => this.uploadConfirmation.measure(idParam(call, SessionNotFound), call.caller.userId),
      handle: async (call) =>
        sessionResponse(
          await this.uploadConfirmation.execute(idParam(call, SessionNotFound), call.caller.userId, call.prepared),
        ),
    }),
    operation({
      method: 'post',
      path: '/api/v1/sessions/:id/start-transcription',
      tag: 'sessions',
      summary: 'Hold the measured minutes and start the first transcription',
      access: 'user',
      answer: SessionResponse,
      refusals: ['not_found', 'conflict', 'forbidden', 'payment_required', 'unavailable'],
      handle: async (call) => {
        const { session } = await this.transcriptionStart.execute({
          sessionId: idParam(call, SessionNotFound),
          userId: call.caller.userId,
          expects: 'original',
          sttProvider: null,
        });
        return sessionResponse(session);
      },
    }),
  ];
}
