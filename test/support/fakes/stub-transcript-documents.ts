import type { DocumentFormat, TranscriptDocuments } from '#application/sessions/transcript-documents';
import type { TranscriptHeading } from '#domain/sessions/transcript-formats';
import type { Transcript } from '#domain/sessions/transcript';

/** Documents that say which they are, and nothing else. */
export class StubTranscriptDocuments implements TranscriptDocuments {
  async render(format: DocumentFormat, transcript: Transcript, { title }: TranscriptHeading): Promise<Buffer> {
    return Buffer.from(`${format} of "${title}", ${transcript.segments.length} segments`);
  }
}
