/** A rate as people know it: `0.15 USD a million tokens`, `0.0001 USD a second`, `0.034 USD an image`. Exact. */
export function rateInUsd(unit: string, rate: bigint): string {
  const { places, per } = SOLD_BY[kindOfUnit(unit)];
  return `${decimal(rate, places)} USD ${per}`;
}

export type UnitKind = 'token' | 'second' | 'image';

/** `unit` is the name of a rate, so that `image/high/1024x1024` is an image. */
export function kindOfUnit(unit: string): UnitKind {
  if (unit === 'image' || unit.startsWith('image/')) return 'image';
  return unit === 'audio_second' ? 'second' : 'token';
}

/** A rate is micro-USD for a million units; people count tokens by the million, and the others one by one. */
const SOLD_BY: Readonly<Record<UnitKind, { readonly places: number; readonly per: string }>> = {
  token: { places: 6, per: 'a million tokens' },
  second: { places: 12, per: 'a second' },
  image: { places: 12, per: 'an image' },
};

function decimal(value: bigint, places: number): string {
  const digits = String(value < 0n ? -value : value).padStart(places + 1, '0');
  const fraction = digits.slice(-places).replace(/0+$/, '');
  return `${value < 0n ? '-' : ''}${digits.slice(0, -places)}${fraction === '' ? '' : `.${fraction}`}`;
}
