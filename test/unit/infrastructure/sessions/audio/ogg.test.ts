import { Readable } from 'node:stream';
import { ByteReader } from '#infrastructure/sessions/audio/byte-reader';
import { measureOgg } from '#infrastructure/sessions/audio/ogg';
import { fixture } from '#test/support/audio';
import { refusalOf, secondsOf } from '#test/support/stored-bytes';

const vorbis = fixture('coaching.ogg');
const opus = fixture('coaching-opus.ogg');

/** Every page's granule position, which is how far it declares to reach, as `change` makes it. */
function withGranules(bytes: Buffer, change: (granule: bigint) => bigint): Buffer {
  const copy = Buffer.from(bytes);
  for (let at = copy.indexOf('OggS'); at >= 0; at = copy.indexOf('OggS', at + 1)) {
    copy.writeBigInt64LE(change(copy.readBigInt64LE(at + 6)), at + 6);
  }
  return copy;
}

/** One page with one packet. */
function page(packet: Buffer, flags: number, serial: number): Buffer {
  const head = Buffer.alloc(27);
  head.write('OggS');
  head[5] = flags;
  head.writeUInt32LE(serial, 14);
  const lacing = [...Array.from({ length: Math.floor(packet.length / 255) }, () => 255), packet.length % 255];
  head[26] = lacing.length;
  return Buffer.concat([head, Buffer.from(lacing), packet]);
}

const opusHead = Buffer.concat([Buffer.from('OpusHead\x01\x01', 'latin1'), Buffer.alloc(9)]);
const opusTags = Buffer.concat([Buffer.from('OpusTags'), Buffer.alloc(8)]);

describe('an Ogg file', () => {
  it.each([
    ['Vorbis', vorbis],
    ['Opus', opus],
  ])('with %s is as long as its packets, whatever its pages declare', async (_codec, bytes) => {
    expect(await secondsOf(withGranules(bytes, (granule) => granule / 20n))).toBe(21);
    expect(await secondsOf(withGranules(bytes, (granule) => granule * 1000n))).toBe(21);
    expect(await secondsOf(withGranules(bytes, () => -1n))).toBe(21);
    expect(await secondsOf(withGranules(bytes, () => 2n ** 62n))).toBe(21);
  });

  it('with one stream after another is as long as both', async () => {
    expect(await secondsOf(Buffer.concat([opus, vorbis]))).toBe(41);
    expect(await secondsOf(Buffer.concat([opus, opus]))).toBe(41);
  });

  it('is as long as its whole pages when the last one is cut, or some bytes between them are lost', async () => {
    expect(await secondsOf(vorbis.subarray(0, vorbis.length - 10))).toBeGreaterThanOrEqual(19);
    const at = opus.indexOf('OggS', 20_000);
    expect(await secondsOf(Buffer.concat([opus.subarray(0, at), Buffer.alloc(300, 0x4f), opus.subarray(at)]))).toBe(21);
  });

  it('counts several frames in one Opus packet, as many as RFC 6716 allows', async () => {
    const sound = (packet: readonly number[]): Buffer =>
      Buffer.concat([
        page(opusHead, 2, 1),
        page(opusTags, 0, 1),
        ...Array.from({ length: 100 }, () => page(Buffer.from(packet), 0, 1)),
      ]);
    expect(await secondsOf(sound([0x08, 0]))).toBe(2);
    expect(await secondsOf(sound([0x09, 0]))).toBe(4);
    expect(await secondsOf(sound([0x0b, 6, 0]))).toBe(12);
    expect(await secondsOf(sound([0x0b, 63, 0]))).toBe(12);
  });

  it('counts a packet once when it goes on over pages', async () => {
    const long = Buffer.concat([Buffer.from([0x08]), Buffer.alloc(299, 0x0b)]);
    const begun = page(long.subarray(0, 255), 0, 1);
    // Without the closing value, the packet of 255 bytes is not finished.
    const unfinished = Buffer.concat([begun.subarray(0, 26), Buffer.from([1, 255]), begun.subarray(29)]);
    const pages = Array.from({ length: 100 }, () => [unfinished, page(long.subarray(255), 1, 1)]).flat();
    expect(await secondsOf(Buffer.concat([page(opusHead, 2, 1), page(opusTags, 0, 1), ...pages]))).toBe(2);
  });

  it('with Vorbis counts long and short blocks as they overlap', async () => {
    const bytes = withGranules(fixture('short-44100.ogg'), () => -1n);
    const { seconds } = await measureOgg(new ByteReader(Readable.from(bytes, { objectMode: false }), bytes.length));
    // Three seconds, and what the encoder filled its last block up with.
    expect(Math.round(seconds * 44_100)).toBe(132_416);
  });

  it('is empty when it has headers alone', async () => {
    expect(await refusalOf(Buffer.concat([page(opusHead, 2, 1), page(opusTags, 0, 1)]))).toBe('empty_audio');
  });

  it('is refused with another coding, damaged headers, strange bytes for the most part, or endless streams', async () => {
    const flac = page(Buffer.concat([Buffer.from([0x7f]), Buffer.from('FLAC'), Buffer.alloc(40)]), 2, 1);
    expect(await refusalOf(flac)).toBe('not_audio');
    expect(await refusalOf(Buffer.concat([opus, flac]))).toBe('unmeasurable_audio');
    const setup = vorbis.indexOf(Buffer.from('\x05vorbis', 'latin1'));
    const spoilt = Buffer.from(vorbis).fill(0x2a, setup + 7, setup + 3500);
    expect(await refusalOf(spoilt)).toBe('unmeasurable_audio');
    expect(await refusalOf(Buffer.concat([opus, Buffer.alloc(opus.length * 2, 0x4f)]))).toBe('unmeasurable_audio');
    const streams = Array.from({ length: 5000 }, (_, serial) => page(opusHead, 2, serial));
    expect(await refusalOf(Buffer.concat([opus, ...streams]))).toBe('unmeasurable_audio');
  });
});
