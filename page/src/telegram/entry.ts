import type { Opening } from '../shared/opening';
import { exchange } from '../shared/session';
import { type LaunchParams, launchParams, TelegramBridge, type TelegramWindow } from './bridge';
import { followSurroundings, paint } from './surroundings';

/** The page as a Mini App: Telegram's colours and margins, its Back button, its way to open links, its word for who it is. */
export function telegramEntry(): { readonly opening: Opening; readonly signIn: () => Promise<string> } {
  const bridge = new TelegramBridge(window as unknown as TelegramWindow);
  const launch = launchParams(location.hash);
  const page = document.documentElement;
  followSurroundings(bridge, page, document.body);
  paint(page, bridge, launch.themeParams);
  closeDialogsByBack(bridge);
  // Telegram's own page waits for the first of them before it speaks with a frame.
  bridge.post('iframe_ready', { reload_supported: false });
  for (const event of ['ready', 'expand', ...ASKED.map((thing) => `request_${thing}`)]) bridge.post(`web_app_${event}`);
  // In the reader's browser: a payment page inside of Telegram could not use what is kept there.
  const open = (url: string): void => bridge.post('web_app_open_link', { url });
  return { opening: { host: 'telegram', open, leaveFor: open }, signIn: () => signIn(launch) };
}

const ASKED = ['theme', 'viewport', 'safe_area', 'content_safe_area'] as const;

/** Telegram's web page shows this one in a frame, to which browsers send no cookie: the token is kept in memory. */
async function signIn({ initData }: LaunchParams): Promise<string> {
  const { token } = await exchange<{ readonly token: string }>('/billing/telegram-session', { init_data: initData });
  return token;
}

/** Telegram's Back button is there while a dialogue is, and asks it to close, as Escape does. */
function closeDialogsByBack(bridge: TelegramBridge): void {
  const dialog = (): Element | null => document.querySelector('dialog[open]');
  let isVisible = false;
  new MutationObserver(() => {
    const now = dialog() !== null;
    if (now !== isVisible) bridge.post('web_app_setup_back_button', { is_visible: now });
    isVisible = now;
  }).observe(document.body, { subtree: true, childList: true, attributes: true, attributeFilter: ['open'] });
  bridge.on('back_button_pressed', () => dialog()?.dispatchEvent(new Event('cancel', { cancelable: true })));
}
