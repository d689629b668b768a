import { hostSettings } from '#page/shared/host';

const ALONE = { isFramed: false, hasTelegram: false };
const hostOf = (search: string, hash: string, where = ALONE): string => hostSettings(search, hash, where).host;

describe('where the page is shown', () => {
  it('is by itself, whatever an address says', () => {
    expect(hostOf('', '')).toBe('plain');
    expect(hostOf('?embed=1', '#token=mbp_x')).toBe('plain');
    expect(hostOf('', '#tgWebAppData=query_id%3D1')).toBe('plain');
  });

  it('is in a frame of somebody else, when it is in one and was asked to', () => {
    const framed = { ...ALONE, isFramed: true };
    expect(hostOf('?embed=1', '', framed)).toBe('embedded');
    expect(hostOf('', '', framed)).toBe('plain');
  });

  it.each([
    ['an app', { isFramed: false, hasTelegram: true }],
    ['the web client', { isFramed: true, hasTelegram: false }],
  ])('is in Telegram, when %s opened it with its word for who it is', (_, where) => {
    expect(hostOf('', '#tgWebAppData=query_id%3D1&tgWebAppVersion=9.1', where)).toBe('telegram');
    expect(hostOf('', '#tgWebAppVersion=9.1', where)).toBe('plain');
  });

  it('takes language, direction and theme from the address, and nothing that it does not know', () => {
    expect(hostSettings('?lang=de&dir=rtl&theme=dark', '', ALONE)).toMatchObject({
      lang: 'de',
      dir: 'rtl',
      theme: 'dark',
    });
    expect(hostSettings('?dir=up&theme=pink', '', ALONE)).toMatchObject({ lang: null, dir: null, theme: null });
  });
});
