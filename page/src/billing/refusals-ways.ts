/** Scrolls to a section and gives its heading the focus, so that readers of screens and keyboards are there, too. */
export function goTo(section: string): void {
  arriveAt(document.getElementById(`${section}-title`) ?? document.getElementById(section));
}

/** To one plan among those that are compared; to the comparison where it is not shown. */
export function goToPlan(plan: string | null): void {
  const found = plan === null ? null : document.getElementById(`plan-compare-${plan}`);
  if (found) arriveAt(found);
  else goTo('plan-compare');
}

function arriveAt(place: HTMLElement | null): void {
  if (!place) return;
  if (!place.hasAttribute('tabindex')) place.tabIndex = -1;
  place.scrollIntoView({ block: 'start' });
  place.focus({ preventScroll: true });
}
