import { useEffect } from 'preact/hooks';
import type { RefusalListResponse, RefusalResponse } from '#interfaces/http/usage/refusal.response';
import { Moment } from '../shared/components/moment';
import { Section } from '../shared/components/section';
import { useLocale } from '../shared/locale';
import { useResource } from '../shared/resource';
import { reasonOf, standingOf } from './refusals-reckoning';
import { Remedies } from './refusals-remedies';
import { reasonFacts } from './refusals-text';
import { REFUSALS } from './refusals.words';

/** The newest and three before it. */
const ASKED = 4;

/** Why the user was stopped, while that is in force: nothing to see otherwise. */
export function Refusals({ onKnown }: { readonly onKnown: () => void }) {
  const locale = useLocale();
  const words = locale.words(REFUSALS);
  const [list, retry] = useResource<RefusalListResponse>(`/api/v1/usage/refusals?limit=${ASKED}`);
  const isKnown = list.state !== 'loading';
  useEffect(() => void (isKnown && onKnown()), [isKnown]);
  // Most people were never stopped: a section that appears and goes would only disturb them.
  if (list.state === 'loading') return null;
  const standing = list.state === 'ready' ? standingOf(list.data, list.at) : null;
  if (standing?.is === 'never') return null;
  if (standing?.is === 'over') return <p class="quiet">{words.over(locale.moment(standing.refusal.at))}</p>;
  return (
    <Section id="refusals" title={words.title} resource={list} retry={retry}>
      {() =>
        standing && (
          <>
            <Why refusal={standing.refusal} />
            <Remedies remedies={standing.refusal.remedies} />
            {standing.earlier.length > 0 && (
              <details>
                <summary>{words.more(locale.number(standing.earlier.length))}</summary>
                <ul class="stack">
                  {standing.earlier.map((refusal) => (
                    <li key={refusal.id}>
                      <Why refusal={refusal} />
                    </li>
                  ))}
                </ul>
              </details>
            )}
          </>
        )
      }
    </Section>
  );
}

function Why({ refusal }: { readonly refusal: RefusalResponse }) {
  const locale = useLocale();
  const reason = reasonOf(refusal);
  return (
    <p class="meter-facts">
      {reason ? (
        reasonFacts(reason, locale).map((fact) => <span key={fact}>{fact}</span>)
      ) : (
        <span lang="en">{refusal.message}</span>
      )}
      <span class="quiet">
        <Moment at={refusal.at} />
      </span>
    </p>
  );
}
