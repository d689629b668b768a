import express, { type NextFunction, type Request, type Response } from 'express';
import type { JsonObject } from '#application/gateway/ai-provider';
import { InvalidRequest } from '../shared/parse.js';
import { HttpProblem } from '../shared/problem.js';
import { isObject } from './chat-ask.js';

/** Pictures travel in messages as base64. */
const BODY_LIMIT = '20mb';

const bytes = express.raw({ type: () => true, limit: BODY_LIMIT });

/** The body as it was sent. Rejects with a 413 of Express's parser. */
export function bodyOf(request: Request, response: Response): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const done: NextFunction = (error?: unknown) => {
      if (error instanceof Error) reject(error);
      else resolve(Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0));
    };
    void bytes(request, response, done);
  });
}

/** Throws HttpProblem 400 and InvalidRequest. */
export function jsonOf(sent: Buffer): JsonObject {
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
