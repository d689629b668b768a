import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';

interface FoldProps {
  readonly title: string;
  readonly children: () => ComponentChildren;
}

/** What few people look at is asked for when somebody opens it, and stays then. */
export function Fold({ title, children }: FoldProps) {
  const [wasOpened, setOpened] = useState(false);
  return (
    <details onToggle={(event) => event.currentTarget.open && setOpened(true)}>
      <summary>{title}</summary>
      {wasOpened && <div class="stack">{children()}</div>}
    </details>
  );
}
