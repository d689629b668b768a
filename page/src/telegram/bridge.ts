/**
 * How a Mini App and Telegram's programs speak with each other, as Telegram documents it
 * (https://core.telegram.org/api/web-events, https://core.telegram.org/bots/webapps). Written out here, so that no script
 * of another origin has a say on a page about money.
 */

/** Telegram's own page is the only one that may have this one in a frame (the server's frame-ancestors). */
export const TELEGRAM_WEB = 'https://web.telegram.org';

/** What the programs put into the window, each its own. */
export interface TelegramWindow {
  /** Android, iOS and macOS. */
  readonly TelegramWebviewProxy?: { postEvent(type: string, data: string): void };
  /** Some desktop programs. */
  readonly external?: { notify?(message: string): void };
  readonly parent: { postMessage(message: string, origin: string): void };
  addEventListener(type: 'message', listener: (event: MessageEvent) => void): void;
  Telegram?: { WebView?: object };
  TelegramGameProxy?: object;
  TelegramGameProxy_receiveEvent?: unknown;
}

export type Listener = (data: Readonly<Record<string, unknown>>) => void;

export class TelegramBridge {
  private readonly listeners = new Map<string, Listener[]>();

  constructor(private readonly window: TelegramWindow) {
    const receiveEvent = (type: string, data: unknown): void => this.receive(type, data);
    // Every program calls another of these.
    window.Telegram = { ...window.Telegram, WebView: { ...window.Telegram?.WebView, receiveEvent } };
    window.TelegramGameProxy = { receiveEvent };
    window.TelegramGameProxy_receiveEvent = receiveEvent;
    window.addEventListener('message', (event) => {
      if (event.source !== window.parent || event.origin !== TELEGRAM_WEB) return;
      const message = messageOf(event.data);
      if (message) this.receive(message.eventType, message.eventData);
    });
  }

  on(type: string, listener: Listener): void {
    this.listeners.set(type, [...(this.listeners.get(type) ?? []), listener]);
  }

  /** By the first way that this program offers. Outside of Telegram nobody hears it. */
  post(type: string, data: object = {}): void {
    const { TelegramWebviewProxy: proxy, external, parent } = this.window;
    if (proxy) proxy.postEvent(type, JSON.stringify(data));
    else if (external?.notify) external.notify(JSON.stringify({ eventType: type, eventData: data }));
    else if ((parent as unknown) !== this.window) {
      parent.postMessage(JSON.stringify({ eventType: type, eventData: data }), TELEGRAM_WEB);
    }
  }

  private receive(type: string, data: unknown): void {
    const facts = typeof data === 'object' && data !== null ? (data as Record<string, unknown>) : {};
    for (const listener of this.listeners.get(type) ?? []) listener(facts);
  }
}

/** Other messages than Telegram's are none of ours. */
function messageOf(text: unknown): { readonly eventType: string; readonly eventData: unknown } | null {
  if (typeof text !== 'string') return null;
  try {
    const message = JSON.parse(text) as { eventType?: unknown; eventData?: unknown } | null;
    return typeof message?.eventType === 'string'
      ? { eventType: message.eventType, eventData: message.eventData }
      : null;
  } catch {
    return null;
  }
}

/** What Telegram says at the start, in the fragment of the address. */
export interface LaunchParams {
  /** Signed: the server verifies it, and nothing here believes it. */
  readonly initData: string;
  readonly themeParams: Readonly<Record<string, unknown>>;
}

export function launchParams(hash: string): LaunchParams {
  const params = new URLSearchParams(hash.replace(/^#/, ''));
  return { initData: params.get('tgWebAppData') ?? '', themeParams: objectOf(params.get('tgWebAppThemeParams')) };
}

function objectOf(json: string | null): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(json ?? '{}');
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
