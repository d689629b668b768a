import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { contrast, PALETTES, type Palette, type Scheme, themeOf } from '#page/telegram/theme';

/** Telegram's usual colours of its Android program, by night. */
const NIGHT = {
  bg_color: '#17212b',
  secondary_bg_color: '#232e3c',
  section_bg_color: '#17212b',
  text_color: '#f5f5f5',
  hint_color: '#708499',
  link_color: '#6ab3f3',
  button_color: '#5288c1',
  button_text_color: '#ffffff',
};

function mustBeReadable({ palette }: { readonly palette: Palette }): void {
  for (const ground of [palette.ground, palette.paper]) {
    for (const ink of ['ink', 'quiet', 'accent', 'good', 'warn', 'bad'] as const) {
      expect(contrast(palette[ink], ground)).toBeGreaterThanOrEqual(4.5);
    }
  }
  expect(contrast(palette['on-accent'], palette.accent)).toBeGreaterThanOrEqual(4.5);
  expect(contrast(palette.ink, palette['info-ground'])).toBeGreaterThanOrEqual(4.5);
  expect(contrast(palette.accent, palette['warn-ground'])).toBeGreaterThanOrEqual(4.5);
}

describe('the colours of a reader’s Telegram', () => {
  it('are taken where they can be read', () => {
    const theme = themeOf(NIGHT)!;
    expect(theme.scheme).toBe('dark');
    expect(theme.palette).toMatchObject({ ground: '#232e3c', paper: '#17212b', ink: '#f5f5f5', accent: '#6ab3f3' });
  });

  it('give way to ours where they cannot: a hint of 3.9 to 1', () => {
    expect(contrast(NIGHT.hint_color, NIGHT.bg_color)).toBeLessThan(4.5);
    expect(themeOf(NIGHT)!.palette.quiet).toBe(PALETTES.dark.quiet);
  });

  it('are readable whatever somebody chose', () => {
    const colour = fc.integer({ min: 0, max: 0xffffff }).map((value) => `#${value.toString(16).padStart(6, '0')}`);
    const params = fc.record(Object.fromEntries(Object.keys(NIGHT).map((name) => [name, colour])), {
      requiredKeys: ['bg_color'],
    });
    fc.assert(
      fc.property(params, (some) => mustBeReadable(themeOf(some)!)),
      { numRuns: 500 },
    );
  });

  it('are none without a background, and nonsense is no colour', () => {
    expect(themeOf({})).toBeNull();
    expect(themeOf({ bg_color: 'red', text_color: '#000000' })).toBeNull();
    expect(themeOf({ bg_color: '#ffffff', text_color: 'url(x)' })!.palette.ink).toBe(PALETTES.light.ink);
  });

  it('fall back to the colours that page.css has', () => {
    const css = readFileSync('page/src/shared/styles/page.css', 'utf8');
    for (const [place, scheme] of (['light', 'dark'] as readonly Scheme[]).entries()) {
      for (const [name, colour] of Object.entries(PALETTES[scheme])) {
        const written = new RegExp(`--${name}: light-dark\\(([^,]+), ([^)]+)\\)`).exec(css);
        expect([name, written?.[place + 1]]).toEqual([name, colour]);
      }
    }
  });

  it('know black upon white', () => {
    expect(contrast('#000000', '#ffffff')).toBeCloseTo(21);
  });
});
