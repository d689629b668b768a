import { Document, HeadingLevel, Packer, Paragraph, TextRun } from 'docx';
import type { Transcript } from '#domain/sessions/transcript';
import {
  clockTime,
  headingFacts,
  headingTitle,
  spokenLines,
  type TranscriptHeading,
} from '#domain/sessions/transcript-formats';

/** A Word document: title, facts, and a paragraph for each line. Word itself finds fonts for every script. */
export async function docxTranscript(transcript: Transcript, heading: TranscriptHeading): Promise<Buffer> {
  const title = headingTitle(heading);
  const document = new Document({
    creator: 'Minutebook',
    title,
    sections: [
      {
        children: [
          new Paragraph({ heading: HeadingLevel.TITLE, children: [new TextRun(title)] }),
          ...headingFacts(heading).map(
            ([name, fact]) => new Paragraph({ children: [new TextRun(`${name}: ${fact}`)] }),
          ),
          ...spokenLines(transcript).map(
            ({ segment, label, text }) =>
              new Paragraph({
                spacing: { before: 160 },
                children: [
                  new TextRun({ text: `${label} `, bold: true }),
                  new TextRun({ text: `${clockTime(segment.startMs)} `, color: '6B7280' }),
                  new TextRun(text),
                ],
              }),
          ),
        ],
      },
    ],
  });
  return Packer.toBuffer(document);
}
