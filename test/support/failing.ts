/** What a database says that has gone away in the middle of something. */
export class DatabaseGone extends Error {
  readonly code = '57P01';

  constructor() {
    super('terminating connection due to administrator command');
  }
}

/** The same port, one method of which fails; `after` so many calls that succeed. */
export function failingAt<Port extends object>(
  port: Port,
  method: keyof Port & string,
  { error = new DatabaseGone(), after = 0 }: { readonly error?: Error; readonly after?: number } = {},
): Port {
  let calls = 0;
  return new Proxy(port, {
    get(target, name, receiver) {
      if (name !== method || calls++ < after) return Reflect.get(target, name, receiver) as unknown;
      return () => Promise.reject(error);
    },
  });
}

/** The same port with other methods in the place of its own. */
export function withMethods<Port extends object>(port: Port, methods: Partial<Port>): Port {
  return new Proxy(port, {
    get: (target, name, receiver) => Reflect.get(name in methods ? methods : target, name, receiver) as unknown,
  });
}
