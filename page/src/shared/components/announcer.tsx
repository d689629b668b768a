import { useEffect, useState } from 'preact/hooks';

const SAID = 'minutebook:said';
/** It lies over the page: what was said long ago must not hide what has the focus. */
const SHOWN_MS = 10_000;

/** Tells what was done to whoever does not see it: "Copied", "The key was revoked". */
export function announce(text: string): void {
  dispatchEvent(new CustomEvent<string>(SAID, { detail: text }));
}

/** The page's one live region; it is there before anything is said, or readers would miss the first. */
export function Announcer() {
  const [text, setText] = useState('');
  useEffect(() => {
    let silence = 0;
    const hear = (event: Event): void => {
      setText((event as CustomEvent<string>).detail);
      clearTimeout(silence);
      silence = window.setTimeout(() => setText(''), SHOWN_MS);
    };
    addEventListener(SAID, hear);
    return () => {
      clearTimeout(silence);
      removeEventListener(SAID, hear);
    };
  }, []);
  return (
    <div class="announcer" role="status">
      {text}
    </div>
  );
}
