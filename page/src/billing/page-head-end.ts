import { useEffect, useState } from 'preact/hooks';

const WARNED_MINUTES = 5;
const MINUTE_MS = 60_000;

/** Minutes that a session has left, rounded up, when they are few; null while there is time enough, or when it is over. */
export function minutesLeft(expiresAt: string | null, now: Date): number | null {
  if (expiresAt === null) return null;
  const minutes = Math.ceil((Date.parse(expiresAt) - now.getTime()) / MINUTE_MS);
  return minutes > 0 && minutes <= WARNED_MINUTES ? minutes : null;
}

/** The same, as time passes. `onOver` when nothing is left. */
export function useMinutesLeft(expiresAt: string | null, onOver: () => void): number | null {
  const [left, setLeft] = useState<number | null>(null);
  useEffect(() => {
    if (expiresAt === null) return;
    const look = (): void => {
      const now = new Date();
      setLeft(minutesLeft(expiresAt, now));
      if (Date.parse(expiresAt) > now.getTime()) return;
      clearInterval(clock);
      onOver();
    };
    const clock = setInterval(look, MINUTE_MS / 6);
    look();
    return () => clearInterval(clock);
  }, [expiresAt, onOver]);
  return left;
}
