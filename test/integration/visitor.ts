import type { SessionId } from '#domain/sessions/session';
import type { Answered, TestApp, TestUser } from '#test/support/app';
import { tinyWav } from '#test/support/audio';

/** A user with a client in hand: does everything through the endpoints, like anybody else. */
export class Visitor {
  constructor(
    readonly app: TestApp,
    readonly user: TestUser,
  ) {}

  get(path: string): Promise<Answered> {
    return this.app.call('GET', path, { as: this.user });
  }

  post(path: string, body?: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Answered> {
    return this.app.call('POST', path, { as: this.user, body, headers });
  }

  delete(path: string): Promise<Answered> {
    return this.app.call('DELETE', path, { as: this.user });
  }

  patch(path: string, body: unknown): Promise<Answered> {
    return this.app.call('PATCH', path, { as: this.user, body });
  }

  /** POST to one deed of a session. */
  deed(id: string, deed: string, body?: unknown): Promise<Answered> {
    return this.post(`/api/v1/sessions/${id}/${deed}`, body);
  }

  async usage(): Promise<Answered['body']> {
    return (await succeeded(this.get('/api/v1/usage/current'))).body;
  }

  async create(sttProvider = 'auto'): Promise<SessionId> {
    const body = { title: 'First meeting', language: 'en-US', stt_provider: sttProvider };
    return (await succeeded(this.post('/api/v1/sessions', body))).body.id;
  }

  /** PUTs the bytes to where this session wants its recording. */
  async put(id: SessionId, bytes: Uint8Array, filename = 'meeting.wav'): Promise<void> {
    const wanted = { filename, file_size_mb: bytes.length / (1024 * 1024) };
    const { body } = await succeeded(this.deed(id, 'upload-url', wanted));
    expect(body.method).toBe('PUT');
    await succeeded(this.app.upload(body.upload_url, bytes));
  }

  /** A session with a confirmed recording of so many seconds. */
  async recorded(seconds: number, sttProvider = 'auto'): Promise<SessionId> {
    const id = await this.create(sttProvider);
    await this.put(id, tinyWav(seconds));
    const { body } = await succeeded(this.deed(id, 'confirm-upload'));
    expect([body.status, body.duration_seconds]).toEqual(['pending', seconds]);
    return id;
  }

  async started(seconds: number, sttProvider = 'auto'): Promise<SessionId> {
    const id = await this.recorded(seconds, sttProvider);
    await succeeded(this.deed(id, 'start-transcription'));
    return id;
  }

  async status(id: SessionId): Promise<string> {
    return (await succeeded(this.get(`/api/v1/sessions/${id}`))).body.status;
  }

  /** What the log says of a session, run by run. */
  async runs(id: SessionId): Promise<Answered['body'][]> {
    return (await succeeded(this.get(`/api/v1/sessions/${id}/billing`))).body.transcription_history;
  }
}

export async function succeeded(answer: Promise<Answered>): Promise<Answered> {
  const answered = await answer;
  if (answered.status >= 300) throw new Error(`${answered.status}: ${JSON.stringify(answered.body)}`);
  return answered;
}

/** `403 session_limit_exceeded`. */
export async function refusal(answer: Promise<Answered>): Promise<string> {
  const { status, body } = await answer;
  return `${status} ${body?.detail?.error}`;
}
