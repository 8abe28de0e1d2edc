import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { WebSocketServer, type WebSocket } from "ws";

// What a Node developer would write for the same job: one process, one database file, rooms in memory.
// usage: node bench/node-server.ts <state folder>; prints its port.

interface NodeFrame {
  id: string;
  name: string;
  input: unknown;
}

const db = new DatabaseSync(join(process.argv[2] ?? ".", "messages.sqlite"));
db.exec("PRAGMA journal_mode = WAL");
db.exec("PRAGMA synchronous = FULL");
db.exec(
  "CREATE TABLE IF NOT EXISTS messages (seq INTEGER PRIMARY KEY, room TEXT NOT NULL, id TEXT NOT NULL, name TEXT NOT NULL, body TEXT NOT NULL) STRICT",
);
const insert = db.prepare("INSERT INTO messages (room, id, name, body) VALUES (?, ?, ?, ?) RETURNING seq");

const rooms = new Map<string, Set<WebSocket>>();
const server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate: false });

server.on("connection", (socket, request) => {
  const name = (request.url ?? "").split("/")[2]?.split("?")[0] ?? "";
  const room = rooms.get(name) ?? new Set();
  rooms.set(name, room.add(socket));
  socket.send('{"type":"ready","seq":0}');
  socket.on("message", (data) => {
    const frame = JSON.parse(String(data)) as NodeFrame;
    const row = insert.get(name, frame.id, frame.name, JSON.stringify(frame.input));
    const seq = Number(row?.["seq"]);
    socket.send(JSON.stringify({ type: "result", id: frame.id, ok: true, seq }));
    const news = JSON.stringify({ type: "events", events: [{ seq, name: frame.name, subjectId: frame.id }] });
    for (const other of room) if (other !== socket) other.send(news);
  });
  socket.on("close", () => room.delete(socket));
});

server.on("listening", () => process.stdout.write(`${server.address().port}\n`));
