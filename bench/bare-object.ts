import { DurableObject } from "cloudflare:workers";

// What the platform costs by itself: a hibernating socket, one parse, one row, two sends. No validation, no repeat
// protection, no log, no rights. The product is measured against this.

interface BareEnv {
  BARE: DurableObjectNamespace<BareObject>;
}

interface BareFrame {
  id: string;
  name: string;
  input: unknown;
}

export class BareObject extends DurableObject<BareEnv> {
  constructor(ctx: DurableObjectState, env: BareEnv) {
    super(ctx, env);
    ctx.storage.sql.exec(
      "CREATE TABLE IF NOT EXISTS messages (seq INTEGER PRIMARY KEY, id TEXT NOT NULL, name TEXT NOT NULL, body TEXT NOT NULL) STRICT",
    );
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair("ping", "pong"));
  }

  override async fetch(request: Request): Promise<Response> {
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server);
    server.serializeAttachment({ userId: new URL(request.url).searchParams.get("user") });
    const { seq } = this.ctx.storage.sql.exec<{ seq: number | null }>("SELECT MAX(seq) AS seq FROM messages").one();
    server.send(`{"type":"ready","seq":${seq ?? 0}}`);
    return new Response(null, { status: 101, webSocket: client });
  }

  override async webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): Promise<void> {
    if (typeof message !== "string") return;
    const frame = JSON.parse(message) as BareFrame;
    const { seq } = this.ctx.storage.sql
      .exec<{ seq: number }>(
        "INSERT INTO messages (id, name, body) VALUES (?, ?, ?) RETURNING seq",
        frame.id,
        frame.name,
        JSON.stringify(frame.input),
      )
      .one();
    socket.send(JSON.stringify({ type: "result", id: frame.id, ok: true, seq }));
    const news = JSON.stringify({ type: "events", events: [{ seq, name: frame.name, subjectId: frame.id }] });
    for (const other of this.ctx.getWebSockets()) if (other !== socket) other.send(news);
  }

  override async webSocketClose(socket: WebSocket, code: number): Promise<void> {
    socket.close(code === 1005 || code === 1006 ? 1000 : code);
  }
}

export default {
  async fetch(request, env) {
    if (request.headers.get("upgrade") === null) return new Response("awake");
    const name = new URL(request.url).pathname.split("/")[2] ?? "";
    return env.BARE.getByName(name).fetch(request);
  },
} satisfies ExportedHandler<BareEnv>;
