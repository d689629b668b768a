import { Section } from '../shared/components/section';
import { useResource } from '../shared/resource';

export function PlanCard() {
  const [resource, retry] = useResource<object>('/api/v1/billing/subscription');
  return (
    <Section id="plan-card" title="Your plan" resource={resource} retry={retry}>
      {(data) => <code>{JSON.stringify(data).slice(0, 200)}</code>}
    </Section>
  );
}
