import { join } from "node:path";
import { bareModules, type WorkerModule } from "./bundle.ts";
import type { BenchCouple } from "./directory.ts";
import { startNode, startWorkerd, type Host, type WorkerdHost } from "./host.ts";
import { LoadClient } from "./load-client.ts";
import { Product } from "./product.ts";
import { removeFolder, stateFolder, type StorageKind } from "./storage.ts";

export type Pair = [LoadClient, LoadClient];

/** One side of a comparison: a process, and how to get two people of one couple connected to it. */
export interface Contestant {
  label: string;
  host: Host;
  /** Connects both members of `count` fresh couples. */
  pairs(count: number): Promise<Pair[]>;
}

/** A contestant on workerd: its objects can be put to sleep, and its clients can come back. */
export interface ObjectContestant extends Contestant {
  host: WorkerdHost;
  className: string;
  /** Makes fresh couples and whatever their first connection needs, so that connecting can be timed alone. */
  prepare(count: number): Promise<PreparedCouple[]>;
}

export interface PreparedCouple {
  objectName: string;
  connect(slot: 0 | 1): Promise<LoadClient>;
  reconnect(slot: 0 | 1, before: LoadClient): Promise<LoadClient>;
}

export interface ProductContestant extends ObjectContestant {
  product: Product;
}

export async function startProduct(
  modules: WorkerModule[],
  folder: string,
  inspector = false,
): Promise<ProductContestant> {
  const product = await Product.start(modules, join(folder, "product"), inspector);
  const prepare = async (count: number): Promise<PreparedCouple[]> => {
    const couples = await product.couples(count);
    const tickets = await product.tickets(couples);
    return couples.map(({ relationshipId }: BenchCouple, index) => ({
      objectName: relationshipId,
      connect: (slot) => product.connect(relationshipId, { ticket: tickets[index * 2 + slot] ?? "" }),
      reconnect: (_slot, before) => product.connect(relationshipId, { ready: before.ready }),
    }));
  };
  return {
    label: "product",
    host: product.host,
    className: "RelationshipObject",
    product,
    prepare,
    pairs: pairsOf(prepare),
  };
}

export async function startBare(
  compatibilityDate: string,
  folder: string,
  inspector = false,
): Promise<ObjectContestant> {
  const host = await startWorkerd({
    modules: await bareModules(),
    stateFolder: join(folder, "bare"),
    worker: { compatibilityDate, durableObjects: { BARE: { className: "BareObject", useSQLite: true } } },
    inspector,
  });
  const prepare = async (count: number): Promise<PreparedCouple[]> => {
    const names = Array.from({ length: count }, () => crypto.randomUUID());
    return names.map((objectName) => ({
      objectName,
      connect: (slot) => LoadClient.connect(roomUrl(host, objectName, slot), []),
      reconnect: (slot) => LoadClient.connect(roomUrl(host, objectName, slot), []),
    }));
  };
  return { label: "bare object", host, className: "BareObject", prepare, pairs: pairsOf(prepare) };
}

export async function startNodeServer(folder: string): Promise<Contestant> {
  const host = await startNode(join(folder, "node"));
  const pairs = async (count: number): Promise<Pair[]> => {
    const names = Array.from({ length: count }, () => crypto.randomUUID());
    return Promise.all(names.map((name) => bothOf((slot) => LoadClient.connect(roomUrl(host, name, slot), []))));
  };
  return { label: "node ws+sqlite", host, pairs };
}

function roomUrl(host: Host, name: string, slot: 0 | 1): string {
  return `ws://${host.url.host}/room/${name}?user=${slot}`;
}

function pairsOf(prepare: ObjectContestant["prepare"]): Contestant["pairs"] {
  return async (count) => {
    const couples = await prepare(count);
    return Promise.all(couples.map((couple) => bothOf((slot) => couple.connect(slot))));
  };
}

async function bothOf(connect: (slot: 0 | 1) => Promise<LoadClient>): Promise<Pair> {
  return [await connect(0), await connect(1)];
}

/** Starts contestants on `kind` of storage, gives them to `body`, and takes everything away again. */
export async function withContestants<C extends Contestant, T>(
  kind: StorageKind,
  start: (folder: string) => Promise<C[]>,
  body: (contestants: C[]) => Promise<T>,
): Promise<T> {
  const folder = stateFolder(kind);
  let contestants: C[] = [];
  try {
    contestants = await start(folder);
    return await body(contestants);
  } finally {
    await Promise.all(contestants.map(({ host }) => host.dispose()));
    removeFolder(folder);
  }
}
