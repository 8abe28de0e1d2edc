import { connect, createServer, type Server, type Socket } from "node:net";

/**
 * The cable between one person's phone and the server, which can be cut: whatever goes through it breaks off without a
 * good-bye, and nothing new gets through until it is mended.
 */
export class Cable {
  readonly #server: Server;
  readonly #ends = new Set<Socket>();
  #isCut = false;

  private constructor(targetPort: number) {
    this.#server = createServer((near) => {
      if (this.#isCut) {
        near.resetAndDestroy();
        return;
      }
      const far = connect(targetPort, "127.0.0.1");
      this.#join(near, far);
      this.#join(far, near);
    });
  }

  /** A cable to the server at `origin`. */
  static async to(origin: string): Promise<Cable> {
    const cable = new Cable(Number(new URL(origin).port));
    await new Promise<void>((listening, failed) => {
      cable.#server.once("error", failed);
      cable.#server.listen(0, "127.0.0.1", listening);
    });
    return cable;
  }

  /** The address of the near end. */
  get origin(): string {
    const address = this.#server.address();
    if (typeof address !== "object" || address === null) throw new Error("The cable is not laid");
    return `http://127.0.0.1:${address.port}`;
  }

  cut(): void {
    this.#isCut = true;
    for (const end of this.#ends) end.resetAndDestroy();
  }

  mend(): void {
    this.#isCut = false;
  }

  /** Takes the cable away. */
  async remove(): Promise<void> {
    this.cut();
    await new Promise<void>((closed) => {
      this.#server.close(() => closed());
    });
  }

  #join(from: Socket, to: Socket): void {
    this.#ends.add(from);
    from.pipe(to);
    // A broken end is what this cable is for; the other end breaks with it.
    from.on("error", () => undefined);
    from.on("close", () => {
      this.#ends.delete(from);
      to.destroy();
    });
  }
}
