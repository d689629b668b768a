/** A UUID that says what it identifies: a session's id cannot be passed where a user's is wanted. */
export type Id<Of extends string> = string & { readonly __of: Of };

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** The id that `text` spells, or null: a malformed id is answered like a missing thing, never asked of the database. */
export function findId<Of extends string>(text: unknown): Id<Of> | null {
  return typeof text === 'string' && UUID.test(text) ? (text.toLowerCase() as Id<Of>) : null;
}
