import { crc16, crc8 } from '#infrastructure/sessions/audio/crc';

describe('a check sum', () => {
  // The check values of CRC-8/SMBUS and CRC-16/UMTS, which have FLAC's polynomials, in the catalogue of CRC algorithms.
  const digits = Buffer.from('123456789');

  it('is the one that the catalogue knows', () => {
    expect([crc8(digits, 0, 9), crc16(digits, 0, 9, 0)]).toEqual([0xf4, 0xfee8]);
  });

  it('goes on where it was left', () => {
    expect(crc16(digits, 4, 9, crc16(digits, 0, 4, 0))).toBe(0xfee8);
  });
});
