/** `/billing?outcome=success`, `?checkout=success`; null for any other visit. Purchases of credit name their payment. */
export function outcomeIn(search: string): 'success' | 'left' | null {
  const asked = new URLSearchParams(search);
  if (asked.has('payment_id') || asked.has('payment')) return null;
  const outcome = asked.get('outcome') ?? asked.get('checkout');
  return outcome === null ? null : outcome === 'success' ? 'success' : 'left';
}

/** Back to this page as it is now, with its language and its theme. */
export function returnAddresses({ origin, pathname, search }: Pick<Location, 'origin' | 'pathname' | 'search'>) {
  const to = (outcome: string): string => {
    const asked = new URLSearchParams(search);
    asked.set('outcome', outcome);
    return `${origin}${pathname}?${asked}`;
  };
  return { success_url: to('success'), cancel_url: to('cancelled') };
}

/** Without what the provider's page added; the language and the like stay. */
export function addressWithoutOutcome(pathname: string, search: string): string {
  const asked = new URLSearchParams(search);
  for (const name of ['outcome', 'checkout', 'session_id']) asked.delete(name);
  return asked.size === 0 ? pathname : `${pathname}?${asked}`;
}
