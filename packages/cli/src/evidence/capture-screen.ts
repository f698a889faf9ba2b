import { join } from 'node:path';
import type { Page } from 'playwright-core';
import type { Screen } from './step.ts';
import { codePattern, type Secret } from './vault.ts';

/** What a picture must never show: keys, QR and recovery codes, and every field for a secret. */
const SECRET_PLACES = [
  '[data-secret]',
  'input[autocomplete="one-time-code"]',
  'input[name="code"]',
  'input[name="recovery-code"]',
  'input[name="pin"]',
  'input[name="password"]:not([type="password"])',
  // Shows dots at most; behind a dialog it is hidden, and its mask would hide the dialog.
  'input[type="password"]:not(:is([inert], [aria-hidden="true"]) *)',
].join(', ');

/** A larger drawing may be a QR code. */
const LARGEST_ICON_PX = 96;

/**
 * Takes a picture of the whole page, with every secret covered.
 *
 * @throws when a secret of the run, or a drawing large enough for a QR code, would be visible.
 */
export async function captureScreen(
  page: Page,
  options: {
    readonly name: string;
    readonly folder: string;
    readonly picture: string;
    readonly secrets: readonly Secret[];
  },
): Promise<Screen> {
  const { name, folder, picture, secrets } = options;
  const seen = await page.evaluate(readPage, { places: SECRET_PLACES, largest: LARGEST_ICON_PX });
  if (seen.openDrawings > 0) throw new Error('a drawing outside the masks could be a QR code');
  const open = fold(seen.openText);
  const spaced = seen.openText.replace(/\s+/g, ' ');
  const leaking = secrets.find(({ kind, value }) =>
    // Numbers that stand side by side on a screen are no code.
    kind === 'code' ? codePattern(value).test(spaced) : open.includes(fold(value)),
  );
  if (leaking !== undefined) throw new Error(`a mask does not cover a ${leaking.kind}`);
  await page.screenshot({
    path: join(folder, picture),
    fullPage: true,
    animations: 'disabled',
    caret: 'hide',
    mask: [page.locator(SECRET_PLACES)],
    maskColor: '#5b6472',
  });
  const { text, coveredDrawings } = seen;
  return { name, path: new URL(page.url()).pathname, text, coveredDrawings, picture };
}

/** Runs in the page, which it scrolls to its top: its visible text, and what of it lies outside the covered places. */
function readPage({ places, largest }: { places: string; largest: number }) {
  // What is fixed to the window, a dialog for instance, then lies over the top of the picture.
  window.scrollTo(0, 0);
  const openParts: string[] = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    if (node.parentElement?.closest(places) === null) openParts.push(node.textContent ?? '');
  }
  for (const input of document.querySelectorAll('input:not([type="password"]), textarea')) {
    if (!input.matches(places) && 'value' in input) openParts.push(String(input.value));
  }
  const drawings = [...document.querySelectorAll('svg, canvas, img')];
  const large = drawings.filter((drawing) => {
    const { width, height } = drawing.getBoundingClientRect();
    return width > largest && height > largest;
  });
  const open = large.filter((drawing) => drawing.closest(places) === null);
  return {
    // biome-ignore lint/performance/useDomNodeTextContent: what is rendered is what a person sees
    text: document.body.innerText,
    openText: openParts.join('\n'),
    openDrawings: open.length,
    coveredDrawings: large.length - open.length,
  };
}

function fold(text: string): string {
  return text.replace(/[\s-]/g, '').toLowerCase();
}
