import { InvalidValue } from '#domain/shared/domain-exception';
import { LimitCheckRequest, limitedAction } from '#interfaces/http/plans/plan.request';
import { InvalidRequest, parse } from '#interfaces/http/shared/parse';

const asked = (body: unknown): ReturnType<typeof limitedAction> => limitedAction(parse(LimitCheckRequest, body));

const fieldsOf = (body: unknown): string[] => {
  try {
    asked(body);
  } catch (error) {
    if (error instanceof InvalidRequest) return error.errors.map(({ field }) => field);
    throw error;
  }
  throw new Error('The request was accepted.');
};

describe('a request to check a limit', () => {
  it.each([
    [{ action: 'create_session' }, { action: 'create_session' }],
    [{ action: 'create_session', params: {} }, { action: 'create_session' }],
    [{ action: 'create_session', params: null }, { action: 'create_session' }],
    [
      { action: 'upload_file', params: { file_size_mb: 0.5 } },
      { action: 'upload_file', bytes: 524_288 },
    ],
    [
      { action: 'export_transcript', params: { format: ' VTT ' } },
      { action: 'export_transcript', format: 'vtt' },
    ],
  ])('%j is understood', (body, action) => {
    expect(asked(body)).toEqual(action);
  });

  it.each(['transcribe', 'check_minutes'])('%s takes seconds or minutes, and counts a started second', (action) => {
    const seconds = (params: object): number => {
      const understood = asked({ action, params });
      return 'duration' in understood ? understood.duration.seconds : -1;
    };
    expect(seconds({ duration_seconds: 61 })).toBe(61);
    expect(seconds({ duration_seconds: 60.2 })).toBe(61);
    expect(seconds({ duration_minutes: 1.5 })).toBe(90);
    expect(seconds({ duration_minutes: 0.1 })).toBe(6);
    expect(seconds({ duration_minutes: 500 })).toBe(30_000);
  });

  it.each([
    [{}, ['action']],
    [{ action: 'fly' }, ['action']],
    [{ action: 'upload_file' }, ['params.file_size_mb']],
    [{ action: 'upload_file', params: {} }, ['params.file_size_mb']],
    [{ action: 'upload_file', params: { file_size_mb: null } }, ['params.file_size_mb']],
    [{ action: 'upload_file', params: { file_size_mb: 0 } }, ['params.file_size_mb']],
    [{ action: 'upload_file', params: { file_size_mb: -1 } }, ['params.file_size_mb']],
    [{ action: 'upload_file', params: { file_size_mb: '5' } }, ['params.file_size_mb']],
    // Sent flat, as a front end once did: the check must not look at nothing and say yes.
    [{ action: 'upload_file', file_size_mb: 75 }, ['file_size_mb']],
    [{ action: 'upload_file', params: { fileSizeMb: 75 } }, ['params.fileSizeMb']],
    [{ action: 'transcribe', params: { format: 'vtt' } }, ['params.format', 'params.duration_seconds']],
    [{ action: 'transcribe', params: { duration_seconds: 1, duration_minutes: 1 } }, ['params.duration_seconds']],
    [{ action: 'check_minutes', params: { duration_minutes: 0 } }, ['params.duration_minutes']],
    [{ action: 'export_transcript', params: { format: null } }, ['params.format']],
    [{ action: 'export_transcript', params: { format: 7 } }, ['params.format']],
    [{ action: 'create_session', params: { file_size_mb: 1 } }, ['params.file_size_mb']],
    [{ action: 'create_session', params: [] }, ['params']],
  ])('%j is refused, and which field is wrong', (body, fields) => {
    expect(fieldsOf(body)).toEqual(fields);
  });

  it.each(['', 'mp3'])('an export as %j is refused with the formats that there are', (format) => {
    expect(() => asked({ action: 'export_transcript', params: { format } })).toThrow(InvalidValue);
  });
});
