export type Scheme = 'light' | 'dark';

/** The variables of page.css that Telegram may colour, and those that are read upon them. A test holds the two together. */
const OURS = {
  light: {
    ground: '#f5f6f8',
    paper: '#ffffff',
    ink: '#1a1d23',
    quiet: '#565d69',
    accent: '#1f4bd8',
    'on-accent': '#ffffff',
    good: '#12692f',
    warn: '#7a5100',
    bad: '#b3201c',
    'info-ground': '#e4eaff',
    'warn-ground': '#fdf0d3',
  },
  dark: {
    ground: '#14161a',
    paper: '#1d2026',
    ink: '#eceef2',
    quiet: '#a9b0bd',
    accent: '#8aa6ff',
    'on-accent': '#10131a',
    good: '#6fd08c',
    warn: '#f1bd55',
    bad: '#ff8d85',
    'info-ground': '#1c2647',
    'warn-ground': '#372b12',
  },
} as const;

export type Palette = Readonly<Record<keyof (typeof OURS)['light'], string>>;
export const PALETTES: Readonly<Record<Scheme, Palette>> = OURS;

export interface Theme {
  readonly scheme: Scheme;
  /** By the names of page.css, without the dashes. */
  readonly palette: Palette;
}

/** WCAG 2.2, 1.4.3: of text. */
const READABLE = 4.5;

/**
 * The colours of the reader's Telegram, as far as everything stays readable: a colour that is too near to what it stands on
 * gives way to ours. Null when Telegram named no background.
 */
export function themeOf(params: Readonly<Record<string, unknown>>): Theme | null {
  const given = (...names: readonly string[]): string | null => {
    for (const name of names) {
      const value = params[name];
      if (typeof value === 'string' && /^#[0-9a-f]{6}$/i.test(value)) return value.toLowerCase();
    }
    return null;
  };
  const background = given('bg_color', 'section_bg_color', 'secondary_bg_color');
  if (background === null) return null;
  const scheme: Scheme = contrast(background, '#ffffff') >= contrast(background, '#000000') ? 'dark' : 'light';
  const ours = PALETTES[scheme];
  const inks = [ours.ink, ours.quiet, ours.accent, ours.good, ours.warn, ours.bad];
  const ground = chosen(given('secondary_bg_color', 'bg_color'), ours.ground, inks);
  const paper = chosen(given('section_bg_color', 'bg_color'), ours.paper, inks);
  const grounds = [ground, paper];
  const notes = [...grounds, ours['info-ground'], ours['warn-ground']];
  const accent = chosen(given('accent_text_color', 'link_color', 'button_color'), ours.accent, notes);
  return {
    scheme,
    palette: {
      ...ours,
      ground,
      paper,
      ink: chosen(given('text_color'), ours.ink, notes),
      quiet: chosen(given('subtitle_text_color', 'hint_color'), ours.quiet, grounds),
      accent,
      'on-accent': legible(accent, [given('button_text_color'), ours['on-accent'], paper, '#ffffff', '#000000']),
    },
  };
}

function chosen(wish: string | null, ours: string, beside: readonly string[]): string {
  return wish !== null && beside.every((other) => contrast(wish, other) >= READABLE) ? wish : ours;
}

/** The first that can be read on it; black or white always can. */
function legible(on: string, wishes: readonly (string | null)[]): string {
  return wishes.find((wish) => wish !== null && contrast(wish, on) >= READABLE) ?? '#000000';
}

/** Of two colours, 1 to 21 (WCAG 2.2, relative luminance). */
export function contrast(one: string, other: string): number {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

function luminance(colour: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const part = parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
