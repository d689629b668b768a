/**
 * What speech-to-text services call a language: the primary subtag of the canonical tag (RFC 5646, UTS 35), so that
 * `cmn-Hant-TW` asks for `zh`, as ISO 639-1 does. Null for `auto`: the service listens for itself.
 */
export function requestedLanguage(tag: string): string | null {
  return tag === 'auto' ? null : new Intl.Locale(tag).language;
}

/** The tag for a language that a service says it heard: Whisper writes `english`, others `en`. Null when unknown. */
export function heardLanguage(reported: unknown): string | null {
  if (typeof reported !== 'string') return null;
  if (/^[a-z]{2,3}(-[a-z0-9]{2,8})*$/i.test(reported)) return Intl.getCanonicalLocales(reported)[0] ?? null;
  codesByName ??= namesToCodes();
  return codesByName.get(reported.trim().toLowerCase()) ?? null;
}

let codesByName: ReadonlyMap<string, string> | null = null;

/** Of all two-letter codes, those that have an English name in the Unicode data that Node carries. */
function namesToCodes(): ReadonlyMap<string, string> {
  const letters = [...'abcdefghijklmnopqrstuvwxyz'];
  const names = new Intl.DisplayNames(['en'], { type: 'language', fallback: 'none' });
  const named = letters
    .flatMap((first) => letters.map((second) => first + second))
    .flatMap((code) => {
      const name = names.of(code);
      return name === undefined ? [] : [[name.toLowerCase(), code] as const];
    });
  // Of several codes with one name (deprecated ones), the canonical is the one that Intl leaves as it is.
  return new Map(named.sort(([, one], [, other]) => Number(isCanonical(one)) - Number(isCanonical(other))));
}

function isCanonical(code: string): boolean {
  return Intl.getCanonicalLocales(code)[0] === code;
}
