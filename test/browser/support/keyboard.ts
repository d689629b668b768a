import { expect, type Locator, type Page } from '@playwright/test';

/** More stops than any of our pages has between two places. */
const MOST_STOPS = 150;

/** Goes to a place by Tab alone (or backwards), and insists at every stop that one sees where one is. */
export async function tabTo(page: Page, place: Locator, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> {
  await expect(place).toBeVisible();
  const wanted = await place.elementHandle();
  const isThere = (): Promise<boolean> => wanted.evaluate((element) => element === document.activeElement);
  for (let stop = 1; stop <= MOST_STOPS && !(await isThere()); stop += 1) {
    await page.keyboard.press(key);
    const fault = await page.evaluate(whatIsWrongWithFocus);
    expect(fault, `after ${stop} times ${key}`).toBeNull();
  }
  if (await isThere()) return;
  throw new Error(`${MOST_STOPS} times ${key} did not lead to ${place.toString()}.`);
}

/** The focus is somewhere, one sees it, and nothing lies over it. */
export async function expectFocusSeen(page: Page): Promise<void> {
  await expect.poll(() => page.evaluate(whatIsWrongWithFocus)).toBeNull();
}

function whatIsWrongWithFocus(): string | null {
  const { activeElement: element, body, documentElement } = document;
  if (!element || element === body || element === documentElement) return 'the focus is lost';
  const name = `${element.tagName} "${(element.getAttribute('aria-label') ?? element.textContent ?? '').slice(0, 40)}"`;
  const { outlineStyle, outlineWidth } = getComputedStyle(element);
  // A radio button may be drawn by its label.
  const label = element.closest('label');
  const isDrawn = (one: Element): boolean => {
    const style = getComputedStyle(one);
    return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0;
  };
  const drawn = [element, label, ...(label?.querySelectorAll('span') ?? [])].some((one) => one && isDrawn(one));
  if (!drawn) return `${name} has the focus and shows no outline (${outlineStyle} ${outlineWidth})`;
  const { left, right, top, bottom } = (label ?? element).getBoundingClientRect();
  if (bottom <= 0 || top >= innerHeight || right <= 0 || left >= innerWidth) return `${name} is out of sight`;
  const [x, y] = [
    (Math.max(left, 0) + Math.min(right, innerWidth)) / 2,
    (Math.max(top, 0) + Math.min(bottom, innerHeight)) / 2,
  ];
  const seen = document.elementFromPoint(x, y);
  const isOver = seen !== null && !element.contains(seen) && !seen.contains(element) && !label?.contains(seen);
  return isOver ? `${name} lies under ${seen.tagName}.${seen.className}` : null;
}
