import type { Router } from 'express';
import type { PathContract } from './path-contract.js';

/** Routes beside the operations: they take a request as it comes, before anything reads its body. */
export abstract class RawRoutes {
  abstract readonly router: Router;
  abstract readonly contract: PathContract;
}
