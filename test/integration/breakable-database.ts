import { once } from 'node:events';
import { createConnection, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { Client } from 'pg';

/** Stands between the application and PostgreSQL, and can be out of order. */
export class BreakableDatabase {
  private readonly sockets = new Set<Socket>();
  private silent = false;

  private constructor(
    private readonly server: Server,
    readonly url: string,
    private readonly port: number,
  ) {}

  static async before(databaseUrl: string): Promise<BreakableDatabase> {
    const { host, port, user, password, database } = new Client(databaseUrl);
    const target = host.startsWith('/') ? { path: join(host, `.s.PGSQL.${port}`) } : { host, port };
    const server = createServer((socket) => breakable.connect(socket, createConnection(target)));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const own = (server.address() as AddressInfo).port;
    const login = [user, password].filter(Boolean).map((part) => encodeURIComponent(String(part)));
    const breakable = new BreakableDatabase(server, `postgres://${login.join(':')}@127.0.0.1:${own}/${database}`, own);
    return breakable;
  }

  /** Nobody is there any more: connections are cut, and new ones refused. */
  async breakDown(): Promise<void> {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
    await once(this.server, 'close');
  }

  async repair(): Promise<void> {
    this.silent = false;
    if (this.server.listening) return;
    this.server.listen(this.port, '127.0.0.1');
    await once(this.server, 'listening');
  }

  /** Somebody is there, and says nothing: what a lost route looks like. Connections that exist are cut. */
  fallSilent(): void {
    this.silent = true;
    for (const socket of this.sockets) socket.destroy();
  }

  async close(): Promise<void> {
    if (this.server.listening) await this.breakDown();
  }

  private connect(near: Socket, far: Socket): void {
    for (const socket of [near, far]) {
      this.sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        this.sockets.delete(socket);
        near.destroy();
        far.destroy();
      });
    }
    if (!this.silent) near.pipe(far).pipe(near);
  }
}
