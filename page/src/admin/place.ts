import { useEffect, useState } from 'preact/hooks';

export const TABS = ['users', 'webhooks', 'providers', 'books'] as const;
export type Tab = (typeof TABS)[number];

/** `#/users/<id>`: where the reader is, so that back, forward and a copied address work. */
export function placeOf(hash: string): readonly [Tab, string | null] {
  const [, tab, id] = hash.replace(/^#/, '').split('/');
  const known = TABS.find((one) => one === tab);
  // Ids are letters, digits and hyphens; anything else is no place.
  return [known ?? 'users', known && id && /^[\w-]+$/.test(id) ? id : null];
}

export function usePlace(): readonly [Tab, string | null] {
  const [place, setPlace] = useState(() => placeOf(location.hash));
  useEffect(() => {
    const moved = (): void => {
      setPlace(placeOf(location.hash));
      scrollTo(0, 0);
    };
    addEventListener('hashchange', moved);
    return () => removeEventListener('hashchange', moved);
  }, []);
  return place;
}
