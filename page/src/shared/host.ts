/** Where the page is shown: by itself, in an element of somebody else's page, or in Telegram. */
export type Host = 'plain' | 'embedded' | 'telegram';

export interface HostSettings {
  readonly host: Host;
  /** What the opener asked for in the address; null leaves it to the browser. */
  readonly lang: string | null;
  readonly dir: 'ltr' | 'rtl' | null;
  readonly theme: 'light' | 'dark' | null;
}

/** What of the surroundings nobody can write into a link. */
export interface Surroundings {
  readonly isFramed: boolean;
  /** One of Telegram's apps offers its way to speak. */
  readonly hasTelegram: boolean;
}

export function surroundingsOf(page: Window): Surroundings {
  const { external } = page as unknown as { readonly external?: { readonly notify?: unknown } };
  return {
    isFramed: page.parent !== page,
    hasTelegram: 'TelegramWebviewProxy' in page || typeof external?.notify === 'function',
  };
}

/**
 * `?embed=1`, `?lang=de`, `?dir=rtl`, `?theme=dark`; Telegram names itself in the fragment. An address alone makes no
 * frame and no Telegram: a link of a stranger's would sign its reader in as somebody else, unasked.
 */
export function hostSettings(search: string, hash: string, { isFramed, hasTelegram }: Surroundings): HostSettings {
  const asked = new URLSearchParams(search);
  const dir = asked.get('dir');
  const theme = asked.get('theme');
  return {
    host:
      /[#&]tgWebAppData=/.test(hash) && (hasTelegram || isFramed)
        ? 'telegram'
        : asked.get('embed') === '1' && isFramed
          ? 'embedded'
          : 'plain',
    lang: asked.get('lang'),
    dir: dir === 'rtl' || dir === 'ltr' ? dir : null,
    theme: theme === 'light' || theme === 'dark' ? theme : null,
  };
}

/** What the page tells the page that has it in a frame, and embed.ts listens to. */
export type HostMessage =
  { readonly type: 'minutebook:height'; readonly height: number } | { readonly type: 'minutebook:session-over' };

/**
 * To whoever it is ('*'): the frame is told no referrer, so the page cannot know its parent's origin, and the server's
 * frame-ancestors (EMBED_ORIGINS) lets no stranger be it. What is said would be harmless to a stranger all the same.
 */
export function tellHost({ host }: HostSettings, message: HostMessage): void {
  if (host === 'embedded') parent.postMessage(message, '*');
}

/** The frame grows and shrinks with the page, so that it has no scroll bar of its own. */
export function tellHeight(settings: HostSettings, page: HTMLElement): void {
  if (settings.host !== 'embedded') return;
  let told = 0;
  new ResizeObserver(() => {
    const height = Math.ceil(page.getBoundingClientRect().height);
    if (height !== told) tellHost(settings, { type: 'minutebook:height', height });
    told = height;
  }).observe(page);
}
