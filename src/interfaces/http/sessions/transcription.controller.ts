import { injectable } from 'inversify';
import { GetRetranscriptionEstimate } from '#application/sessions/get-retranscription-estimate';
import { TranscriptionStart } from '#application/sessions/transcription-start';
import { SessionNotFound } from '#domain/sessions/session-repository';
import { Controller, operation } from '../shared/operation.js';
import { idParam } from '../shared/params.js';
import { SessionResponse, sessionResponse } from './session.response.js';
import { RetranscribeRequest, RetranscriptionEstimateQuery } from './transcription.request.js';
import {
  RetranscriptionEstimateResponse,
  retranscriptionEstimateResponse,
  RetranscriptionResponse,
} from './transcription.response.js';

/** A recording once more: for free after a failure, and paid after a success. */
@injectable()
export class TranscriptionController implements Controller {
  constructor(
    private readonly transcriptionStart: TranscriptionStart,
    private readonly getEstimate: GetRetranscriptionEstimate,
  ) {}

  readonly operations = [
    operation({
      method: 'post',
      path: '/api/v1/sessions/:id/retry-transcription',
      tag: 'transcription',
      summary: 'Transcribe a failed recording again, for free',
      access: 'user',
      answer: SessionResponse,
      refusals: ['not_found', 'conflict', 'forbidden', 'payment_required', 'invalid', 'unavailable'],
      handle: async (call) => {
        const { session } = await this.transcriptionStart.execute({
          sessionId: idParam(call, SessionNotFound),
          userId: call.caller.userId,
          expects: 'retry_failed',
          sttProvider: null,
        });
        return sessionResponse(session);
      },
    }),
    operation({
      method: 'post',
      path: '/api/v1/sessions/:id/retranscribe',
      tag: 'transcription',
      summary: 'Transcribe a completed recording again, which costs minutes like the first time',
      description: 'Without `confirm_cost: true` nothing is started and the answer is an estimate.',
      access: 'user',
      body: RetranscribeRequest,
      answer: RetranscriptionResponse,
      refusals: ['not_found', 'conflict', 'forbidden', 'payment_required', 'invalid', 'unavailable'],
      handle: async (call): Promise<RetranscriptionResponse> => {
        const sessionId = idParam<'Session'>(call, SessionNotFound);
        const { userId } = call.caller;
        const sttProvider = call.body.stt_provider ?? null;
        if (!call.body.confirm_cost) {
          const estimate = await this.getEstimate.execute(sessionId, userId, sttProvider);
          return { requires_confirmation: true, estimate: retranscriptionEstimateResponse(estimate), session: null };
        }
        const order = { sessionId, userId, expects: 'retry_success', sttProvider } as const;
        const { session } = await this.transcriptionStart.execute(order);
        return { requires_confirmation: false, estimate: null, session: sessionResponse(session) };
      },
    }),
    operation({
      method: 'get',
      path: '/api/v1/sessions/:id/retranscribe/estimate',
      tag: 'transcription',
      summary: 'What transcribing a completed recording again would cost',
      access: 'user',
      query: RetranscriptionEstimateQuery,
      answer: RetranscriptionEstimateResponse,
      refusals: ['not_found', 'conflict', 'invalid', 'unavailable'],
      handle: async (call) =>
        retranscriptionEstimateResponse(
          await this.getEstimate.execute(
            idParam(call, SessionNotFound),
            call.caller.userId,
            call.query.stt_provider ?? null,
          ),
        ),
    }),
  ];
}
