import type { Router } from 'express';

/**
 * Routes beside the API: they take a request as it comes, before anything reads its body, and answer whom the API's contract
 * does not speak of.
 */
export abstract class RawRoutes {
  abstract readonly router: Router;
}
