import { contentDisposition, downloadName } from '#domain/sessions/transcript-download';

describe('the name of a download', () => {
  it.each([
    ['Kick-off with Ana', 'Kick-off with Ana.vtt'],
    ['會談 一', '會談 一.vtt'],
    ['../../etc/passwd', 'etc passwd.vtt'],
    ['a\r\nSet-Cookie: x=1', 'a Set-Cookie x=1.vtt'],
    ['C:\\x|y?"z"<>*', 'C x y z.vtt'],
    ['invoice\u202efdp.exe', 'invoice fdp.exe.vtt'],
    ['  .hidden. ', 'hidden.vtt'],
    ['nul', '_nul.vtt'],
    ['LPT1', '_LPT1.vtt'],
    ['', 'transcript.vtt'],
    ['...', 'transcript.vtt'],
    ['\u0000', 'transcript.vtt'],
  ])('of a session called %j is %j', (title, name) => {
    expect(downloadName(title, 'vtt')).toBe(name);
  });

  it('fits a file system, however long and wide the title', () => {
    const name = downloadName('😀'.repeat(255), 'docx');
    expect(Buffer.byteLength(name)).toBeLessThanOrEqual(255);
    expect(name).toBe(`${'😀'.repeat(60)}.docx`);
  });

  it('does not end in a space where it was cut', () => {
    expect(downloadName(`${'x'.repeat(59)} y`, 'txt')).toBe(`${'x'.repeat(59)}.txt`);
  });
});

describe('the Content-Disposition of a download', () => {
  it('has a plain name and the exact one', () => {
    expect(contentDisposition('Müller (1) *’s 會談', 'pdf')).toBe(
      `attachment; filename="Muller _1_ _s __.pdf"; filename*=UTF-8''M%C3%BCller%20%281%29%20%E2%80%99s%20%E6%9C%83%E8%AB%87.pdf`,
    );
  });

  it.each(['"; filename="evil.exe', 'a\r\nX: y', "it's; filename*=UTF-8''x", '\\"', '%22%0d%0a'])(
    'is one header with two names for %j',
    (title) => {
      expect(contentDisposition(title, 'json')).toMatch(
        /^attachment; filename="[A-Za-z0-9 ._-]+"; filename\*=UTF-8''[A-Za-z0-9%!~._-]+$/,
      );
    },
  );
});
