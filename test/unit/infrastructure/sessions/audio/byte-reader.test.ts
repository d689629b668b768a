import { Readable } from 'node:stream';
import { ByteReader } from '#infrastructure/sessions/audio/byte-reader';

const readerOf = (pieces: readonly Buffer[], most?: number): ByteReader => {
  const size = pieces.reduce((sum, { length }) => sum + length, 0);
  return new ByteReader(Readable.from(pieces, { objectMode: false }), size, most);
};

describe('a byte reader', () => {
  it('shows the same bytes however they arrive', async () => {
    const bytes = Buffer.from('a recording in pieces');
    const reader = readerOf([...bytes].map((byte) => Buffer.of(byte)));
    expect((await reader.window(5)).toString()).toBe('a rec');
    expect((await reader.take(2)).toString()).toBe('a ');
    expect(await reader.skip(10)).toBe(10);
    expect([reader.position, reader.left]).toEqual([12, 9]);
    expect((await reader.window(100)).toString()).toBe('in pieces');
    expect(await reader.skip(100)).toBe(9);
    expect([reader.position, reader.left]).toEqual([21, 0]);
  });

  it('answers at once when it holds enough or the file has ended, and not before', async () => {
    const reader = readerOf([Buffer.from('abc'), Buffer.from('def')]);
    expect(reader.ready(1)).toBeNull();
    await reader.window(2);
    expect([reader.ready(3)?.toString(), reader.ready(4)]).toEqual(['abc', null]);
    await reader.window(99);
    expect(reader.ready(99)?.toString()).toBe('abcdef');
  });

  it('refuses to take what the file does not have', async () => {
    await expect(readerOf([Buffer.from('abc')]).take(4)).rejects.toMatchObject({ code: 'unmeasurable_audio' });
  });

  it('refuses to hold more than a megabyte at once', async () => {
    const reader = readerOf([Buffer.alloc(8)]);
    await expect(reader.window(1024 * 1024 + 1)).rejects.toMatchObject({
      code: 'unmeasurable_audio',
      facts: { part_bytes: 1024 * 1024 + 1, limit_bytes: 1024 * 1024 },
    });
  });

  it('refuses a file that is made of too many parts', async () => {
    const reader = readerOf([Buffer.alloc(4000)], 1000);
    const walk = async (): Promise<void> => {
      while ((await reader.window(1)).length > 0) reader.consume(2);
    };
    await expect(walk()).rejects.toMatchObject({ code: 'unmeasurable_audio', facts: { parts: 1000 } });
  });
});
