// The part of `ws` that the benchmarks use; the package carries no types of its own.
declare module "ws" {
  import type { IncomingMessage } from "node:http";
  import type { EventEmitter } from "node:events";

  interface ClientOptions {
    perMessageDeflate?: boolean;
  }

  export class WebSocket extends EventEmitter {
    constructor(url: string | URL, protocols: string | string[], options?: ClientOptions);
    send(data: string): void;
    close(code?: number): void;
    terminate(): void;
    on(event: "open", listener: () => void): this;
    on(event: "message", listener: (data: Buffer, isBinary: boolean) => void): this;
    on(event: "close", listener: (code: number) => void): this;
    on(event: "error", listener: (error: Error) => void): this;
  }

  export class WebSocketServer extends EventEmitter {
    constructor(options: { host: string; port: number; perMessageDeflate: boolean });
    address(): { port: number };
    on(event: "listening", listener: () => void): this;
    on(event: "connection", listener: (socket: WebSocket, request: IncomingMessage) => void): this;
  }
}
