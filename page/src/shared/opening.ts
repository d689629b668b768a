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

const beside = (url: string): void => void window.open(url, '_blank', 'noopener');

export const inBrowser = (host: Host): Opening => ({
  host,
  open: beside,
  leaveFor: (url) => (host === 'plain' ? location.assign(url) : beside(url)),
});

/** A link out of a page that is shown inside another would show its target in the frame: it opens beside it instead. */
export function keepLinksOutOfFrame({ host, open }: Opening): void {
  if (host === 'plain') return;
  document.addEventListener('click', (event) => {
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    if (event.defaultPrevented || !link || !/^https?:/.test(link.href) || link.origin === location.origin) return;
    event.preventDefault();
    open(link.href);
  });
}

export const OpeningContext = createContext<Opening>(inBrowser('plain'));

export function useHost(): Opening {
  return useContext(OpeningContext);
}
