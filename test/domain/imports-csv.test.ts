import fc from "fast-check";
import { expect, it } from "vitest";
import { parseCsv } from "../../src/domain/imports/csv.ts";

it.each([
  [
    "a,b\n1,2\n",
    [
      ["a", "b"],
      ["1", "2"],
    ],
    [1, 2],
  ],
  [
    "\uFEFFa,b\r\n1,2",
    [
      ["a", "b"],
      ["1", "2"],
    ],
    [1, 2],
  ],
  ['a\n"x\ny"\n\n"say ""hi"", twice"\n', [["a"], ["x\ny"], ['say "hi", twice']], [1, 2, 5]],
  [
    "a;b\n1;2,5\n",
    [
      ["a", "b"],
      ["1", "2,5"],
    ],
    [1, 2],
  ],
  [
    'a,b\n"1",\n,""\n',
    [
      ["a", "b"],
      ["1", ""],
      ["", ""],
    ],
    [1, 2, 3],
  ],
  ['"a"\r\n""\r\n', [["a"], [""]], [1, 2]],
  ["", [], []],
])("reads %j", (text, cells, lines) => {
  const records = [...parseCsv(text)];
  expect(records.map((record) => record.cells)).toEqual(cells);
  expect(records.map(({ line }) => line)).toEqual(lines);
  expect(records.every(({ problem }) => problem === null)).toBe(true);
});

it("reads on after a line with wrong quotes", () => {
  const records = [...parseCsv('a,b\n"x" y,1\nz"z,2\nok,3\n"never closed,4\nok,5\n')];
  expect(records.map(({ line, problem }) => [line, problem === null])).toEqual([
    [1, true],
    [2, false],
    [3, false],
    [4, true],
    [5, false],
    [6, true],
  ]);
});

it.each([
  ["lines of one cell", "a\n", 100_000],
  ["cells of one line", "a,", 1],
  ["lines that open a quote", '"a\n', 100_000],
  ["quotes", '""', 1],
])("reads a long file of %s in one go", (_name, part, records) => {
  expect([...parseCsv(part.repeat(100_000))]).toHaveLength(records);
});

it("reads back whatever a strict writer wrote", () => {
  const cell = fc.string({ unit: fc.constantFrom("a", '"', ",", "\n", "\r\n", " ", ";"), maxLength: 8 });
  const table = fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 5 });
  const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
  fc.assert(
    fc.property(table, (rows) => {
      const text = ["a,b", ...rows.map((row) => row.map(quoted).join(","))].join("\r\n");
      expect([...parseCsv(text)].slice(1).map(({ cells }) => cells)).toEqual(rows);
    }),
    { numRuns: 200 },
  );
});
