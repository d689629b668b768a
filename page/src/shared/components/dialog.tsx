import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { useLocale } from '../locale';
import { useHost } from '../opening';
import { COMMON } from '../words';
import { Announcer } from './announcer';

interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
  /** The buttons at the end; "Close" when there are none. */
  readonly actions?: ComponentChildren;
}

let arrival: (() => void) | null = null;

/**
 * Has the focus go elsewhere than back, when what it would go back to may be gone: by `arrive`, as soon as the dialogue that is open has
 * closed, because nothing behind it takes the focus before; at once when none is open.
 */
export function whenClosed(arrive: () => void): void {
  if (document.querySelector('dialog[open]')) arrival = arrive;
  else arrive();
}

/**
 * The browser's own modal dialogue: it keeps the focus inside, asks to be closed by Escape and gives the focus back. Whether
 * it closes is up to `onClose`; a browser that closes it by force, as at a second Escape, is told to show it again.
 */
export function Dialog({ title, onClose, children, actions }: DialogProps) {
  const element = useRef<HTMLDialogElement>(null);
  const words = useLocale().words(COMMON);
  const { host } = useHost();
  useEffect(() => {
    const opener = document.activeElement;
    const dialog = element.current;
    dialog?.showModal();
    if (dialog && opener && host === 'embedded') placeBeside(dialog, opener);
    return () => {
      dialog?.close();
      if (arrival) arrival();
      else if (opener instanceof HTMLElement) opener.focus();
      arrival = null;
    };
  }, []);
  return (
    <dialog
      ref={element}
      class="dialog"
      aria-labelledby="dialog-title"
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || event.isComposing) return;
        event.preventDefault();
        onClose();
      }}
      onClose={() => {
        if (element.current?.open !== false) return;
        onClose();
        requestAnimationFrame(() => {
          if (element.current?.open === false) element.current.showModal();
        });
      }}
    >
      <h2 id="dialog-title">{title}</h2>
      <div class="dialog-body">{children}</div>
      <div class="actions">
        {actions ?? (
          <button type="button" class="button" onClick={onClose}>
            {words.close}
          </button>
        )}
      </div>
      <Announcer />
    </dialog>
  );
}

const EDGE_PX = 8;

/** A frame is as high as its page, so its middle may be out of sight: the dialogue opens where its button is. */
function placeBeside(dialog: HTMLDialogElement, opener: Element): void {
  const lowest = innerHeight - dialog.offsetHeight - EDGE_PX;
  const top = Math.max(EDGE_PX, Math.min(opener.getBoundingClientRect().top, lowest));
  dialog.style.marginBlockStart = `${top}px`;
  dialog.scrollIntoView({ block: 'nearest' });
}
