import { useEffect, useState } from 'preact/hooks';

const SAID = 'minutebook:said';

/** Tells what was done to whoever does not see it: "Copied", "The key was revoked". */
export function announce(text: string): void {
  dispatchEvent(new CustomEvent<string>(SAID, { detail: text }));
}

/** The page's one live region; it is there before anything is said, or readers would miss the first. */
export function Announcer() {
  const [text, setText] = useState('');
  useEffect(() => {
    const hear = (event: Event): void => setText((event as CustomEvent<string>).detail);
    addEventListener(SAID, hear);
    return () => removeEventListener(SAID, hear);
  }, []);
  return (
    <div class="announcer" role="status">
      {text}
    </div>
  );
}
