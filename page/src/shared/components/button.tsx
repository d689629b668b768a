import type { ComponentChildren } from 'preact';
import { useHost } from '../opening';
import { useLocale } from '../locale';
import { COMMON } from '../words';

interface ButtonProps {
  readonly children: ComponentChildren;
  readonly onClick: () => void;
  readonly kind?: 'plain' | 'primary' | 'danger' | 'link';
  /** A deed under way: the button stays where the focus is, and says that it is busy. */
  readonly busy?: boolean;
  readonly disabled?: boolean;
  /** When the visible words do not say which thing is meant. */
  readonly label?: string;
}

export function Button({ children, onClick, kind = 'plain', busy = false, disabled = false, label }: ButtonProps) {
  return (
    <button
      type="button"
      class={`button button-${kind}`}
      onClick={busy || disabled ? undefined : onClick}
      aria-disabled={disabled || undefined}
      aria-busy={busy || undefined}
      aria-label={label}
    >
      {children}
    </button>
  );
}

/** A link out of the page: in a new window, or by Telegram's own way. */
export function OutLink({
  href,
  children,
  label,
}: {
  readonly href: string;
  readonly children: ComponentChildren;
  readonly label?: string;
}) {
  const words = useLocale().words(COMMON);
  const { open } = useHost();
  return (
    <a
      href={href}
      target="_blank"
      rel="noopener noreferrer"
      aria-label={label && `${label} (${words.opensElsewhere})`}
      onClick={(event) => {
        event.preventDefault();
        open(href);
      }}
    >
      {children}
      {label === undefined && <span class="unseen"> ({words.opensElsewhere})</span>}
    </a>
  );
}
