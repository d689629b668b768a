import type { JsonObject } from '#application/gateway/ai-provider';
import type { FieldProblem } from '../shared/parse.js';

/** What the messages of a chat hold beside text. */
export interface ChatParts {
  pictures: number;
  /** Of the pictures' data, which is not text. */
  pictureBytes: number;
  readonly problems: FieldProblem[];
}

/**
 * Parts that are as long as they look, in either dialect: text, pictures, sound, and what tools and thoughts leave behind. Others
 * can be anything that a provider fetches or unpacks, and nobody could say before what they cost.
 */
const KNOWN = new Set([
  ...['text', 'refusal', 'image_url', 'input_audio'],
  ...['image', 'document', 'tool_use', 'tool_result', 'thinking', 'redacted_thinking', 'search_result'],
]);

/** Enough to see what is meant. */
const MOST_PROBLEMS = 10;

/** Pictures in messages, in the results of tools and in documents, and what cannot be reckoned, by its place. */
export function partsOf(messages: readonly JsonObject[]): ChatParts {
  const found: ChatParts = { pictures: 0, pictureBytes: 0, problems: [] };
  messages.forEach(({ content, audio }, index) => {
    look(content, `messages[${index}].content`, found);
    // An answer that was spoken, by its name at the provider.
    if (audio !== undefined && audio !== null) refuse(`messages[${index}].audio`, 'a spoken answer', found);
  });
  return found;
}

/** As deep as they are nested: the body as a whole is bounded. */
function look(content: unknown, place: string, found: ChatParts): void {
  if (!Array.isArray(content)) return;
  (content as readonly unknown[]).forEach((part, index) => {
    if (isObject(part)) lookAt(part, `${place}[${index}]`, found);
  });
}

function lookAt(part: JsonObject, field: string, found: ChatParts): void {
  const { type } = part;
  // Older clients leave it out where a part is text.
  if (type === undefined) {
    if (typeof part['text'] !== 'string') refuse(field, 'a part without a type', found);
  } else if (typeof type !== 'string' || !KNOWN.has(type)) {
    const name = typeof type === 'string' ? `"${type.slice(0, 60)}"` : 'that kind';
    refuse(field, `a part of type ${name}`, found);
  } else if (type === 'image_url' || type === 'image') lookAtPicture(part, field, found);
  else if (type === 'document') lookAtDocument(part['source'], `${field}.source`, found);
  else if (type === 'tool_result') look(part['content'], `${field}.content`, found);
}

function lookAtPicture(part: JsonObject, field: string, found: ChatParts): void {
  found.pictures += 1;
  const { image_url: image, source } = part;
  const address = isObject(image) ? image['url'] : image;
  if (typeof address === 'string' && /^data:/i.test(address)) {
    if (!/^data:image\//i.test(address)) refuse(field, 'data that is no picture', found);
    found.pictureBytes += address.length;
  }
  if (!isObject(source)) return;
  if (source['type'] === 'file') refuse(`${field}.source`, 'a picture by its file_id', found);
  if (typeof source['data'] === 'string') found.pictureBytes += source['data'].length;
}

/** A page of a PDF is up to 3 000 tokens and a picture, and how many pages one has, only a reader of PDFs can tell. */
function lookAtDocument(source: unknown, field: string, found: ChatParts): void {
  const said = isObject(source) ? source : {};
  if (said['type'] === 'content') return look(said['content'], `${field}.content`, found);
  if (said['type'] !== 'text') refuse(field, 'a document that is not text', found);
}

function refuse(field: string, what: string, { problems }: ChatParts): void {
  if (problems.length === MOST_PROBLEMS) return;
  const message =
    `${field}: what ${what} costs cannot be told before it is sent, so it cannot be reserved. ` +
    'Send its text, or its pages as pictures';
  problems.push({ field, message });
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
