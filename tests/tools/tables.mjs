// Reads a query's answer as Apache Arrow and as Parquet, and compares both with its JSON lines.
import assert from 'node:assert/strict';
import { tableFromIPC } from 'apache-arrow';
import { parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';

const [address] = process.argv.slice(2);
const get = async (format) => {
  const answer = await fetch(`${address}&format=${format}`);
  if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
  return answer;
};
// A period that is not stated is empty in one format and null in another.
const same = (row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, value === '' ? null : value ?? null]));
const lines = (await (await get('ndjson')).text()).split('\n').filter((line) => line).map((line) => same(JSON.parse(line)));

// Decimals come as 128-bit integers, with the column's scale.
const table = await tableFromIPC(get('arrow'));
const cell = (field, value) => {
  if (value === null || value === undefined) return null;
  if (field.type.scale === undefined) return value;
  const words = Array.from(value, (word, i) => BigInt(word) << BigInt(32 * i)).reduce((a, b) => a | b, 0n);
  return Number(BigInt.asIntN(128, words)) / 10 ** field.type.scale;
};
const fromArrow = Array.from({ length: table.numRows }, (_, row) =>
  Object.fromEntries(table.schema.fields.map((field, i) => [field.name, cell(field, table.getChildAt(i).get(row))])));
assert.deepEqual(fromArrow.map(same), lines);

const rows = await parquetReadObjects({ file: await (await get('parquet')).arrayBuffer(), compressors });
assert.deepEqual(rows.map(same), lines);
console.log(`same ${lines.length}`);
