/** What one flush asked of D1. */
export interface D1Tally {
  /** Calls that travel to D1, batches and single statements alike. */
  calls: number;
  batches: number;
  statements: number;
  rowsRead: number;
  rowsWritten: number;
}

/** Counts what goes through a D1 binding. Only what the flush uses is offered; anything else fails loudly. */
export class TalliedDatabase implements Pick<D1Database, "prepare" | "batch"> {
  readonly #db: D1Database;
  #prepared = 0;
  #batched = 0;
  #batches = 0;
  #rowsRead = 0;
  #rowsWritten = 0;

  constructor(db: D1Database) {
    this.#db = db instanceof TalliedDatabase ? db.#db : db;
  }

  prepare(query: string): D1PreparedStatement {
    this.#prepared += 1;
    return this.#db.prepare(query);
  }

  async batch<T>(statements: D1PreparedStatement[]): Promise<D1Result<T>[]> {
    this.#batches += 1;
    this.#batched += statements.length;
    const results = await this.#db.batch<T>(statements);
    for (const { meta } of results) {
      this.#rowsRead += meta.rows_read;
      this.#rowsWritten += meta.rows_written;
    }
    return results;
  }

  tally(): D1Tally {
    const single = this.#prepared - this.#batched;
    return {
      calls: this.#batches + single,
      batches: this.#batches,
      statements: this.#prepared,
      rowsRead: this.#rowsRead,
      rowsWritten: this.#rowsWritten,
    };
  }
}
