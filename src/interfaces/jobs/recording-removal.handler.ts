import { injectable } from 'inversify';
import type { JobHandler } from '#application/ports/job-handler';
import { UploadStorage } from '#application/sessions/upload-storage';

@injectable()
export class RecordingRemovalHandler implements JobHandler {
  readonly task = 'remove_recording';
  readonly schedule = null;

  constructor(private readonly uploads: UploadStorage) {}

  async handle(payload: unknown): Promise<void> {
    const { uploadKey } = (payload ?? {}) as { readonly uploadKey?: unknown };
    if (typeof uploadKey !== 'string' || uploadKey === '') throw new Error('A job to remove a recording names none.');
    await this.uploads.remove(uploadKey);
  }
}
