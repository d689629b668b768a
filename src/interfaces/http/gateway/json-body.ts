import type { IncomingMessage } from 'node:http';
import type { JsonObject } from '#application/gateway/ai-provider';
import { InvalidRequest } from '../shared/parse.js';
import { HttpProblem } from '../shared/problem.js';
import type { BodyShare } from './body-room.js';
import { isObject } from './chat-ask.js';
import { received } from './incoming-body.js';

/** Pictures travel in messages as base64. */
export const MOST_BODY_BYTES = 20 * 1024 * 1024;

/** Hundreds of times what the longest conversations have; 20 MB could hold seven million, and take a gigabyte as values. */
export const MOST_VALUES = 100_000;

/** The body as it was sent. Throws as `received` does. */
export async function bodyOf(request: IncomingMessage, share: BodyShare): Promise<Buffer> {
  const pieces: Buffer[] = [];
  const tooLong = (): HttpProblem => {
    const message = `A body has ${MOST_BODY_BYTES} bytes at most. Send less, or smaller pictures.`;
    return new HttpProblem(413, 'request_too_large', message, { limit_bytes: MOST_BODY_BYTES });
  };
  const intake = { share, mostBytes: MOST_BODY_BYTES, tooLong, stopped: null };
  await received(request, intake, (piece) => void pieces.push(piece));
  return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
}

/** Throws HttpProblem 400 and InvalidRequest. */
export function jsonOf(sent: Buffer): JsonObject {
  if (hasMoreValuesThan(MOST_VALUES, sent)) {
    throw new InvalidRequest([{ field: '', message: `the body may have ${MOST_VALUES} values at most` }]);
  }
  let body: unknown;
  try {
    body = JSON.parse(sent.toString());
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new HttpProblem(400, 'malformed_json', 'The body is not valid JSON.');
  }
  if (!isObject(body)) throw new InvalidRequest([{ field: '', message: 'a JSON object is expected' }]);
  const deep = Object.keys(body).find((field) => isDeeperThan(MOST_LEVELS, body[field]));
  if (deep !== undefined) throw new InvalidRequest([{ field: deep, message: `${deep} is nested too deeply` }]);
  return body;
}

/** More than schemas of tools have; beyond some thousands a value cannot be written as JSON again. */
const MOST_LEVELS = 200;

function isDeeperThan(levels: number, value: unknown): boolean {
  if (value === null || typeof value !== 'object') return false;
  return levels === 0 || Object.values(value).some((inner) => isDeeperThan(levels - 1, inner));
}

const [QUOTE, BACKSLASH, COMMA, BRACKET, BRACE] = Buffer.from('"\\,[{') as unknown as readonly number[];

/**
 * Every value but the first follows a comma, or a bracket that opens; what is no JSON is for the parser to find out. Byte by
 * byte, 20 MB take 40 ms and no memory.
 */
function hasMoreValuesThan(most: number, json: Buffer): boolean {
  // No value has less than a byte.
  if (json.length <= most) return false;
  let values = 1;
  let isText = false;
  for (let at = 0; at < json.length; at++) {
    const byte = json[at];
    if (byte === QUOTE) isText = !isText;
    else if (isText) at += Number(byte === BACKSLASH);
    else if ((byte === COMMA || byte === BRACKET || byte === BRACE) && ++values > most) return true;
  }
  return false;
}
