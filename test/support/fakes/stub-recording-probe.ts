import type { RecordingProbe } from '#application/sessions/recording-probe';
import type { Recording } from '#domain/sessions/recording';

/** Finds the same recording in every file, or refuses every file. */
export class StubRecordingProbe implements RecordingProbe {
  readonly measured: string[] = [];

  constructor(public finding: Recording | Error) {}

  async measure(key: string): Promise<Recording> {
    this.measured.push(key);
    return this.found();
  }

  async measureBytes(): Promise<Recording> {
    return this.found();
  }

  private found(): Recording {
    if (this.finding instanceof Error) throw this.finding;
    return this.finding;
  }
}
