import { injectable } from 'inversify';
import type { DocumentFormat, TranscriptDocuments } from '#application/sessions/transcript-documents';
import type { Transcript } from '#domain/sessions/transcript';
import type { TranscriptHeading } from '#domain/sessions/transcript-formats';

/**
 * Word, Excel and PDF. The three libraries together take 60 MB of memory and a third of a second to load, so each is
 * loaded when its format is asked for first.
 */
@injectable()
export class OfficeTranscriptDocuments implements TranscriptDocuments {
  async render(format: DocumentFormat, transcript: Transcript, heading: TranscriptHeading): Promise<Buffer> {
    switch (format) {
      case 'docx': {
        const { docxTranscript } = await import('./docx-transcript.js');
        return docxTranscript(transcript, heading);
      }
      case 'xlsx': {
        const { xlsxTranscript } = await import('./xlsx-transcript.js');
        return xlsxTranscript(transcript, heading);
      }
      case 'pdf': {
        const { pdfTranscript } = await import('./pdf-transcript.js');
        return pdfTranscript(transcript, heading);
      }
    }
  }
}
