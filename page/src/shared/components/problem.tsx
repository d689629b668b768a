import type { ApiProblem } from '../api';
import { useLocale } from '../locale';
import { COMMON } from '../words';
import { Button } from './button';

/** In the reader's language where nobody is to blame but us; otherwise the server's words, which name the numbers. */
function ProblemText({ problem }: { readonly problem: ApiProblem }) {
  const words = useLocale().words(COMMON);
  if (problem.status === 0) return <span>{words.unreachable}</span>;
  if (problem.isOutage) return <span>{words.broken}</span>;
  return <span lang="en">{problem.message}</span>;
}

interface ProblemNoteProps {
  readonly problem: ApiProblem | null;
  /** Where a section has words of its own for the problem's code. */
  readonly text?: string | null;
}

/** Beside a button: why its deed did not happen. Read out when it appears. */
export function ProblemNote({ problem, text = null }: ProblemNoteProps) {
  return (
    <div role="alert" class="note note-bad" hidden={problem === null}>
      {problem && (text ?? <ProblemText problem={problem} />)}
    </div>
  );
}

/** In place of a section's content. */
export function ProblemPanel({ problem, retry }: { readonly problem: ApiProblem; readonly retry: () => void }) {
  const words = useLocale().words(COMMON);
  const requestId = problem.facts.request_id;
  return (
    <div role="alert" class="panel-problem">
      <p>
        <ProblemText problem={problem} />
      </p>
      {typeof requestId === 'string' && <p class="quiet">{words.requestId(requestId)}</p>}
      <Button onClick={retry}>{words.retry}</Button>
    </div>
  );
}
