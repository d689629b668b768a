/** Where the page is shown: by itself, in an element of somebody else's page, or in Telegram. */
export type Host = 'plain' | 'embedded' | 'telegram';

export interface HostSettings {
  readonly host: Host;
  /** What the opener asked for in the address; null leaves it to the browser. */
  readonly lang: string | null;
  readonly dir: 'ltr' | 'rtl' | null;
  readonly theme: 'light' | 'dark' | null;
}

/** Read from the address alone: `?embed=1`, `?lang=de`, `?dir=rtl`, `?theme=dark`; Telegram names itself in the fragment. */
export function hostSettings(search: string, hash: string): HostSettings {
  const asked = new URLSearchParams(search);
  const dir = asked.get('dir');
  const theme = asked.get('theme');
  return {
    host: /(^#|&)tgWebAppData=/.test(hash) ? 'telegram' : asked.get('embed') === '1' ? 'embedded' : 'plain',
    lang: asked.get('lang'),
    dir: dir === 'rtl' || dir === 'ltr' ? dir : null,
    theme: theme === 'light' || theme === 'dark' ? theme : null,
  };
}
