import { inflateRawSync } from 'node:zlib';

const END_OF_CENTRAL_DIRECTORY = 0x06054b50;

/** The text files of a ZIP by path (APPNOTE.TXT 4.3): what a docx and an xlsx are. */
export function unzipped(file: Buffer): Readonly<Record<string, string>> {
  const end = file.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]));
  if (end < 0 || file.readUInt32LE(end) !== END_OF_CENTRAL_DIRECTORY) throw new Error('It is no ZIP file.');
  const files: Record<string, string> = {};
  let at = file.readUInt32LE(end + 16);
  for (let left = file.readUInt16LE(end + 10); left > 0; left--) {
    const [method, size] = [file.readUInt16LE(at + 10), file.readUInt32LE(at + 20)];
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((offset) => file.readUInt16LE(at + offset));
    const header = file.readUInt32LE(at + 42);
    const name = file.toString('utf8', at + 46, at + 46 + nameLength!);
    const start = header + 30 + file.readUInt16LE(header + 26) + file.readUInt16LE(header + 28);
    const content = file.subarray(start, start + size);
    files[name] = (method === 0 ? content : inflateRawSync(content)).toString('utf8');
    at += 46 + nameLength! + extraLength! + commentLength!;
  }
  return files;
}

/** The text that an XML element says, its entities resolved. */
export function xmlText(xml: string): string {
  const entities: Record<string, string> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };
  return xml.replace(/<[^>]*>/g, '').replace(/&(lt|gt|quot|apos|amp);/g, (_, name: string) => entities[name]!);
}
