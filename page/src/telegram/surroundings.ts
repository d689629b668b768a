import type { TelegramBridge } from './bridge';
import { type Theme, themeOf } from './theme';

type Facts = Readonly<Record<string, unknown>>;

const SIDES = ['top', 'right', 'bottom', 'left'] as const;

/** Light or dark, colours, height and margins as Telegram has them now, and whenever they change. */
export function followSurroundings(bridge: TelegramBridge, page: HTMLElement, body: HTMLElement): void {
  const set = (name: string, value: string): void => page.style.setProperty(name, value);
  bridge.on('theme_changed', ({ theme_params: params }) => paint(page, bridge, params as Facts));
  bridge.on('viewport_changed', ({ height, is_state_stable: isStable }) => {
    if (typeof height !== 'number') return;
    set('--tg-viewport-height', `${height}px`);
    if (isStable) set('--tg-viewport-stable-height', `${height}px`);
  });
  for (const [event, name] of [
    ['safe_area_changed', 'safe-area'],
    ['content_safe_area_changed', 'content-safe-area'],
  ] as const) {
    bridge.on(event, (insets) => {
      for (const side of SIDES) {
        const inset = insets[side];
        if (typeof inset === 'number') set(`--tg-${name}-inset-${side}`, `${inset}px`);
      }
    });
  }
  body.style.minBlockSize = 'var(--tg-viewport-stable-height, 100vh)';
  for (const side of SIDES) {
    body.style.setProperty(
      `padding-${side}`,
      `calc(var(--tg-safe-area-inset-${side}, 0px) + var(--tg-content-safe-area-inset-${side}, 0px))`,
    );
  }
}

export function paint(page: HTMLElement, bridge: TelegramBridge, params: Facts | undefined): void {
  const theme: Theme | null = themeOf(params ?? {});
  if (!theme) return;
  page.dataset.theme = theme.scheme;
  for (const [name, colour] of Object.entries(theme.palette)) page.style.setProperty(`--${name}`, colour);
  bridge.post('web_app_set_header_color', { color: theme.palette.ground });
  bridge.post('web_app_set_background_color', { color: theme.palette.ground });
}
