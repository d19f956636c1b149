// Reads a JSON-stat dataset with its author's own toolkit and prints what it finds: a line of dimensions with their roles and sizes, then a line for
// each cell of toTable() that has a value or a status, which has to be what Data() says of the same cell.
import fs from 'node:fs';
import JSONstat from 'jsonstat-toolkit';

const dataset = JSONstat(JSON.parse(fs.readFileSync(process.argv[2], 'utf8')));
if (dataset.class !== 'dataset') throw new Error('no dataset: ' + JSON.stringify(dataset));
console.log(dataset.id.map(id => `${id}:${dataset.Dimension(id).role}:${dataset.Dimension(id).length}`).join(' '));
for (const row of dataset.toTable({ type: 'arrobj', content: 'id', status: true })) {
  const cell = dataset.Data(Object.fromEntries(dataset.id.map(id => [id, row[id]])));
  if (cell.value !== row.value || (cell.status ?? null) !== (row.status ?? null)) throw new Error('Data() differs: ' + JSON.stringify([row, cell]));
  if (row.value !== null && row.value !== undefined || row.status)
    console.log([...dataset.id.map(id => row[id]), row.value ?? '', row.status ?? ''].join('|'));
}
