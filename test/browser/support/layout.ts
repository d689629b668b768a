/** What a browser is asked about a page: each answers with what is wrong, by name, and with nothing where all is well. */

/** Wider than the window, or reaching beyond it: it would have to be scrolled sideways. */
export function sideways(): readonly string[] {
  const { scrollWidth, clientWidth } = document.documentElement;
  if (scrollWidth <= clientWidth) return [];
  return [...document.querySelectorAll('body *')]
    .filter((one) => {
      const { left, right } = one.getBoundingClientRect();
      return (right > clientWidth + 0.5 || left < -0.5) && !one.closest('.unseen, .skip, thead');
    })
    .map((one) => `${one.tagName}.${one.className} "${(one.textContent ?? '').slice(0, 30)}"`);
}

/** Text that its own element cuts off. */
export function cutOff(): readonly string[] {
  const texts = '.button, .badge, .note, td, dd, dt, summary, h1, h2, h3, label, select, .plan-price, li';
  return [...document.querySelectorAll<HTMLElement>(texts)]
    .filter((one) => !one.closest('.unseen') && one.checkVisibility())
    .filter((one) => one.scrollHeight > one.clientHeight + 1 || one.scrollWidth > one.clientWidth + 1)
    .filter((one) => {
      const { display, overflow } = getComputedStyle(one);
      return display !== 'inline' && overflow !== 'auto';
    })
    .map((one) => `${one.tagName}.${one.className} "${(one.textContent ?? '').slice(0, 40)}"`);
}

/** Smaller than 24 by 24, and not a link within a sentence (WCAG 2.5.8). */
export function smallTargets(): readonly string[] {
  const least = 24;
  return [...document.querySelectorAll<HTMLElement>('button, a, input, select, summary, [role="button"]')]
    .filter((one) => one.checkVisibility() && !one.matches('.skip'))
    .filter((one) => {
      const label = one.closest('label');
      const { width, height } = (one.matches('[type=radio]') && label ? label : one).getBoundingClientRect();
      return width < least - 0.01 || height < least - 0.01;
    })
    .map((one) => {
      const { width, height } = one.getBoundingClientRect();
      return `${one.tagName} "${(one.textContent ?? '').slice(0, 30)}" ${width.toFixed(1)}x${height.toFixed(1)}`;
    });
}

/** A heading that leaves out a level, a section without one, more or fewer than one of the first. */
export function badHeadings(): readonly string[] {
  const headings = [...document.querySelectorAll<HTMLElement>('h1, h2, h3, h4, h5, h6')].filter((one) =>
    one.checkVisibility(),
  );
  const levels = headings.map(({ tagName }) => Number(tagName.slice(1)));
  const gaps = headings.filter((_, place) => levels[place]! > (levels[place - 1] ?? 0) + 1);
  const nameless = [...document.querySelectorAll('main section')].filter(
    (one) => !document.getElementById(one.getAttribute('aria-labelledby') ?? '')?.matches('h2'),
  );
  return [
    ...gaps.map(({ textContent }) => `"${textContent}" leaves out a level`),
    ...nameless.map(({ id }) => `section ${id} has no heading`),
    ...(levels.filter((level) => level === 1).length === 1 ? [] : ['there is not one h1']),
  ];
}

/** A meter without its name, its numbers or its words. */
export function badMeters(): readonly string[] {
  return [...document.querySelectorAll('.meter:not([aria-hidden])')]
    .filter((one) => {
      const [now, most] = [one.getAttribute('aria-valuenow'), one.getAttribute('aria-valuemax')];
      const says = one.getAttribute('aria-label') && one.getAttribute('aria-valuetext');
      return !says || one.role !== 'meter' || now === null || most === null || Number(now) > Number(most);
    })
    .map((one) => one.outerHTML.slice(0, 200));
}

/** An instant that machines cannot read, or that does not say in its title which one it is in UTC. */
export function badTimes(): readonly string[] {
  return [...document.querySelectorAll('time')]
    .filter((one) => !/^\d{4}-\d\d-\d\dT.*Z$/.test(one.dateTime) || !one.title.endsWith(' UTC'))
    .map(({ outerHTML }) => outerHTML);
}

/** A chart whose table has not one row for each of its bars, or that says nothing to who does not see it. */
export function badCharts(): readonly string[] {
  return [...document.querySelectorAll('svg.bars')]
    .filter((chart) => {
      const tables = [...chart.closest('section')!.querySelectorAll('table')];
      const table = tables.find((one) => chart.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_FOLLOWING);
      const bars = chart.querySelectorAll('rect').length;
      return !chart.getAttribute('aria-label') || bars === 0 || table?.tBodies[0]?.rows.length !== bars;
    })
    .map((chart) => chart.getAttribute('aria-label') ?? 'a chart without a name');
}

/** Where the keyboard would go up, or against the direction of reading, within a section. */
export function badOrder(): readonly string[] {
  const isRtl = document.documentElement.dir === 'rtl';
  return [...document.querySelectorAll('main section')].flatMap((section) => {
    // What lies over the page is a place of its own.
    const stops = [...section.querySelectorAll<HTMLElement>('button, a[href], input, select, summary')].filter(
      (one) => one.checkVisibility() && !one.closest('dialog'),
    );
    return stops.slice(1).flatMap((stop, place) => {
      const [before, now] = [stops[place]!.getBoundingClientRect(), stop.getBoundingClientRect()];
      const isAbove = now.bottom <= before.top + 1;
      const isSameLine = now.top < before.bottom - 1 && before.top < now.bottom - 1;
      const isBack = isSameLine && (isRtl ? now.left >= before.right : now.right <= before.left);
      return isAbove || isBack ? [`"${stops[place]!.textContent}" then "${stop.textContent}" in ${section.id}`] : [];
    });
  });
}
