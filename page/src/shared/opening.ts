import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Host } from './host';

/** How addresses outside of the page are opened where it is shown. */
export interface Opening {
  readonly host: Host;
  /** A page beside this one: an invoice, a document. */
  readonly open: (url: string) => void;
  /** A page that leads back here, such as Stripe's: instead of this one, or beside it where this one is in a frame. */
  readonly leaveFor: (url: string) => void;
}

export const inBrowser = (host: Host): Opening => ({
  host,
  open: (url) => void window.open(url, '_blank', 'noopener'),
  leaveFor: (url) => (host === 'plain' ? location.assign(url) : void window.open(url, '_blank', 'noopener')),
});

export const OpeningContext = createContext<Opening>(inBrowser('plain'));

export function useHost(): Opening {
  return useContext(OpeningContext);
}
