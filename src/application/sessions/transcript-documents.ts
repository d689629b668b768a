import type { ExportFormat } from '#domain/plans/export-format';
import type { TextFormat, TranscriptHeading } from '#domain/sessions/transcript-formats';
import type { Transcript } from '#domain/sessions/transcript';

/** The export formats that take a library to write. */
export type DocumentFormat = Exclude<ExportFormat, TextFormat>;

/** Writes transcripts as office documents, which hold the same lines under the same labels as the text formats. */
export abstract class TranscriptDocuments {
  /**
   * The whole file. A character that a document cannot show is never dropped in silence or replaced by another:
   * the document marks its place and says so.
   */
  abstract render(format: DocumentFormat, transcript: Transcript, heading: TranscriptHeading): Promise<Buffer>;
}
