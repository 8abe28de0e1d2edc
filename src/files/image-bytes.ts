import { AppError } from "../protocol/errors.ts";

/** The bytes are not the picture that they were said to be, or their shape is none that we can read. */
export class NotThatImage extends AppError {
  constructor() {
    super("unsupported_media_type", "The bytes are not a picture of the announced type");
  }
}

/** What a format takes at once for a closer look; larger than any block that has to be understood. */
const TAKE_MAX_BYTES = 1024 * 1024;
/** Pictures have hundreds of blocks. Whatever has this many was made to keep us busy. */
const TAKES_MAX = 50_000;

/**
 * The bytes of an upload on their way to where they are kept. A format looks at them block by block and decides of each
 * whether it passes or is blanked. As many bytes leave as arrive, so that their number is known before the first one.
 */
export class ImageBytes {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #write: (bytes: Uint8Array) => Promise<void>;
  readonly #sizeBytes: number;
  #waiting: Uint8Array = new Uint8Array(0);
  #arrived = 0;
  #takes = 0;
  #position = 0;

  /** @param sizeBytes how many there must be */
  constructor(source: ReadableStream<Uint8Array>, sizeBytes: number, write: (bytes: Uint8Array) => Promise<void>) {
    this.#reader = source.getReader();
    this.#sizeBytes = sizeBytes;
    this.#write = write;
  }

  /** How many bytes have been taken, passed or blanked so far. */
  get position(): number {
    return this.#position;
  }

  get left(): number {
    return this.#sizeBytes - this.#position;
  }

  /** What has arrived and was not taken yet, at least `count` bytes of it. They stay where they are. */
  async ahead(count: number): Promise<Uint8Array> {
    if (count > TAKE_MAX_BYTES || count > this.left) throw new NotThatImage();
    if (this.#waiting.length < count) await this.#gather(count);
    return this.#waiting;
  }

  /** The next `count` bytes; whoever takes them gives something of the same length back. */
  async take(count: number): Promise<Uint8Array> {
    this.#takes += 1;
    if (this.#takes > TAKES_MAX) throw new NotThatImage();
    await this.ahead(count);
    return this.#consume(count);
  }

  async give(bytes: Uint8Array): Promise<void> {
    if (bytes.length > 0) await this.#write(bytes);
  }

  async pass(count: number): Promise<void> {
    await this.#through(count, (bytes) => bytes);
  }

  /** Lets `count` zeros through instead. */
  async blank(count: number): Promise<void> {
    await this.#through(count, (bytes) => new Uint8Array(bytes.length));
  }

  /** @throws AppError when more bytes arrive than were announced */
  async end(): Promise<void> {
    if (this.left > 0) throw new NotThatImage();
    while (await this.#receive());
  }

  async #through(count: number, change: (bytes: Uint8Array) => Uint8Array): Promise<void> {
    if (count > this.left) throw new NotThatImage();
    for (let missing = count; missing > 0;) {
      const available = await this.ahead(1);
      const bytes = this.#consume(Math.min(available.length, missing));
      missing -= bytes.length;
      await this.give(change(bytes));
    }
  }

  #consume(count: number): Uint8Array {
    const bytes = this.#waiting.subarray(0, count);
    this.#waiting = this.#waiting.subarray(count);
    this.#position += count;
    return bytes;
  }

  async #gather(count: number): Promise<void> {
    const parts = [this.#waiting];
    let length = this.#waiting.length;
    this.#waiting = new Uint8Array(0);
    while (length < count && (await this.#receive())) {
      parts.push(this.#waiting);
      length += this.#waiting.length;
      this.#waiting = new Uint8Array(0);
    }
    const whole = new Uint8Array(length);
    let at = 0;
    for (const part of parts) {
      whole.set(part, at);
      at += part.length;
    }
    this.#waiting = whole;
  }

  // The announced length may be a lie, so that the bytes themselves are counted.
  async #receive(): Promise<boolean> {
    const { done, value } = await this.#reader.read();
    if (done) {
      if (this.#arrived < this.#sizeBytes) throw tooFew();
      return false;
    }
    this.#arrived += value.length;
    if (this.#arrived > this.#sizeBytes) {
      throw new AppError("payload_too_large", "There are more bytes than the place was kept for");
    }
    this.#waiting = value;
    return true;
  }
}

function tooFew(): AppError {
  const issues = [{ path: "body", message: "Fewer bytes arrived than the place was kept for" }];
  return new AppError("invalid_input", "The upload is not complete", { issues });
}

/** Reads numbers of a block. @throws NotThatImage beyond its end */
export function viewOf(bytes: Uint8Array): {
  at(offset: number, size: 1 | 2 | 4 | 8, littleEndian?: boolean): number;
  text(offset: number, length: number): string;
} {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const check = (offset: number, length: number): void => {
    if (offset < 0 || offset + length > view.byteLength) throw new NotThatImage();
  };
  return {
    at(offset, size, littleEndian = false) {
      check(offset, size);
      if (size === 1) return view.getUint8(offset);
      if (size === 2) return view.getUint16(offset, littleEndian);
      if (size === 4) return view.getUint32(offset, littleEndian);
      return Number(view.getBigUint64(offset, littleEndian));
    },
    text(offset, length) {
      check(offset, length);
      return String.fromCharCode(...bytes.subarray(offset, offset + length));
    },
  };
}
