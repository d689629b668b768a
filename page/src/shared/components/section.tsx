import type { ComponentChildren } from 'preact';
import { ApiProblem } from '../api';
import { useLocale } from '../locale';
import type { Resource } from '../resource';
import { COMMON } from '../words';
import { Boundary } from './boundary';
import { Button } from './button';
import { ProblemPanel } from './problem';

interface SectionProps<T> {
  readonly id: string;
  readonly title: string;
  readonly resource: Resource<T>;
  readonly retry: () => void;
  /** How many lines the content will have at least, so that nothing jumps when it comes. */
  readonly lines?: number;
  /** Beside the title. */
  readonly aside?: ComponentChildren;
  readonly children: (data: T) => ComponentChildren;
}

/** One part of the page, with its own loading, failed, stale and ready state. */
export function Section<T>({ id, title, resource, retry, lines = 3, aside, children }: SectionProps<T>) {
  return (
    <SectionFrame id={id} title={title} aside={aside} busy={resource.state === 'loading'}>
      <Loaded resource={resource} retry={retry} lines={lines}>
        {children}
      </Loaded>
    </SectionFrame>
  );
}

type FrameProps = Pick<SectionProps<unknown>, 'id' | 'title' | 'aside'> & {
  readonly busy: boolean;
  readonly children: ComponentChildren;
};

/** A section of several parts, each of which asks for itself and is drawn by `<Loaded>`. */
export function SectionFrame({ id, title, aside, busy, children }: FrameProps) {
  return (
    <section id={id} class="section" aria-labelledby={`${id}-title`} aria-busy={busy}>
      <header class="section-head">
        <h2 id={`${id}-title`}>{title}</h2>
        {aside}
      </header>
      {children}
    </section>
  );
}

type LoadedProps<T> = Pick<SectionProps<T>, 'resource' | 'retry' | 'children' | 'lines'>;

/** An answer that could not be drawn is a fault of ours, like one of the server's. */
const UNDRAWABLE = new ApiProblem(500, 'undrawable', 'The answer could not be shown.');

/** The same for a part of a section that asks for itself. */
export function Loaded<T>(props: LoadedProps<T>) {
  return (
    <Boundary
      broken={(again) => (
        <ProblemPanel
          problem={UNDRAWABLE}
          retry={() => {
            again();
            props.retry();
          }}
        />
      )}
    >
      <Content {...props} />
    </Boundary>
  );
}

function Content<T>({ resource, retry, lines = 3, children }: LoadedProps<T>) {
  const locale = useLocale();
  const words = locale.words(COMMON);
  switch (resource.state) {
    case 'loading':
      return <Skeleton lines={lines} />;
    case 'failed':
      return <ProblemPanel problem={resource.problem} retry={retry} />;
    case 'ready':
      return (
        <>
          {resource.stale && (
            <div role="status" class="note note-stale">
              <span>{words.stale(locale.moment(resource.at.toISOString()))}</span>{' '}
              <Button kind="link" onClick={retry} busy={resource.refreshing}>
                {words.retry}
              </Button>
            </div>
          )}
          {children(resource.data)}
        </>
      );
  }
}

export function Skeleton({ lines }: { readonly lines: number }) {
  const words = useLocale().words(COMMON);
  return (
    <div class="skeleton">
      <span class="unseen">{words.loading}</span>
      {Array.from({ length: lines }, (_, line) => (
        <div key={line} class="skeleton-line" />
      ))}
    </div>
  );
}

/** What will appear here, and what makes it appear. */
export function Empty({ children }: { readonly children: ComponentChildren }) {
  return <p class="empty">{children}</p>;
}
