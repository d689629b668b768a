import { injectable } from 'inversify';
import { GetSession } from '#application/sessions/get-session';
import { GetSessionBilling } from '#application/sessions/get-session-billing';
import { GetSessionStatus } from '#application/sessions/get-session-status';
import { ListSessions } from '#application/sessions/list-sessions';
import { ListTranscribers } from '#application/sessions/list-transcribers';
import { SessionChange } from '#application/sessions/session-change';
import { SessionDeletion } from '#application/sessions/session-deletion';
import { SessionNotFound } from '#domain/sessions/session-repository';
import { Controller, operation } from '../shared/operation.js';
import { idParam } from '../shared/params.js';
import { SessionBillingResponse, sessionBillingResponse } from './session-billing.response.js';
import {
  DeletedSessionResponse,
  deletedSessionResponse,
  SessionListResponse,
  SessionStatusResponse,
  sessionStatusResponse,
  TranscriberListResponse,
  transcriberListResponse,
} from './session-list.response.js';
import { ChangeSessionRequest, ListSessionsQuery } from './session.request.js';
import { SessionResponse, sessionResponse } from './session.response.js';

/** What there is, what it is called, how far it has come and what it has cost. */
@injectable()
export class SessionListController implements Controller {
  constructor(
    private readonly listSessions: ListSessions,
    private readonly listTranscribers: ListTranscribers,
    private readonly getSession: GetSession,
    private readonly sessionChange: SessionChange,
    private readonly sessionDeletion: SessionDeletion,
    private readonly getStatus: GetSessionStatus,
    private readonly getBilling: GetSessionBilling,
  ) {}

  readonly operations = [
    operation({
      method: 'get',
      path: '/api/v1/sessions',
      tag: 'sessions',
      summary: 'List your sessions, newest first',
      access: 'user',
      query: ListSessionsQuery,
      answer: SessionListResponse,
      handle: async ({ caller, query: { status, limit, offset } }) => {
        const page = { limit, offset };
        const { items, total } = await this.listSessions.execute(caller.userId, { status: status ?? null, page });
        return { data: items.map(sessionResponse), total, has_more: offset + items.length < total };
      },
    }),
    // Before the operations on one session, whose id would match this path as well.
    operation({
      method: 'get',
      path: '/api/v1/sessions/providers',
      tag: 'sessions',
      summary: 'List the speech-to-text providers that stt_provider can name, and their prices',
      access: 'user',
      answer: TranscriberListResponse,
      handle: async () => transcriberListResponse(await this.listTranscribers.execute()),
    }),
    operation({
      method: 'get',
      path: '/api/v1/sessions/:id',
      tag: 'sessions',
      summary: 'Get one session',
      access: 'user',
      answer: SessionResponse,
      refusals: ['not_found'],
      handle: async (call) =>
        sessionResponse(await this.getSession.execute(idParam(call, SessionNotFound), call.caller.userId)),
    }),
    operation({
      method: 'patch',
      path: '/api/v1/sessions/:id',
      tag: 'sessions',
      summary: 'Rename a session, or cancel it before anything is transcribed',
      access: 'user',
      body: ChangeSessionRequest,
      answer: SessionResponse,
      refusals: ['not_found', 'conflict', 'invalid'],
      handle: async (call) => {
        const { title, status } = call.body;
        const changes = { title: title?.trim() ?? null, status: status ?? null };
        const id = idParam<'Session'>(call, SessionNotFound);
        return sessionResponse(await this.sessionChange.execute(id, call.caller.userId, changes));
      },
    }),
    operation({
      method: 'delete',
      path: '/api/v1/sessions/:id',
      tag: 'sessions',
      summary: 'Delete title, recording and transcripts of a session',
      description: 'What the session has used stays used: deleting gives no quota back and removes no usage.',
      access: 'user',
      answer: DeletedSessionResponse,
      refusals: ['not_found'],
      handle: async (call) =>
        deletedSessionResponse(await this.sessionDeletion.execute(idParam(call, SessionNotFound), call.caller.userId)),
    }),
    operation({
      method: 'get',
      path: '/api/v1/sessions/:id/status',
      tag: 'sessions',
      summary: 'How far a session has come, and when its transcript can be expected',
      access: 'user',
      answer: SessionStatusResponse,
      refusals: ['not_found'],
      handle: async (call) =>
        sessionStatusResponse(await this.getStatus.execute(idParam(call, SessionNotFound), call.caller.userId)),
    }),
    operation({
      method: 'get',
      path: '/api/v1/sessions/:id/billing',
      tag: 'sessions',
      summary: 'What a session has cost, run by run, and why',
      access: 'user',
      answer: SessionBillingResponse,
      refusals: ['not_found'],
      handle: async (call) =>
        sessionBillingResponse(await this.getBilling.execute(idParam(call, SessionNotFound), call.caller.userId)),
    }),
  ];
}
