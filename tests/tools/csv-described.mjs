// Reads a dataset's CSV by its descriptions: as a Data Package (datapackage, tableschema) and by CSVW metadata (rdf-parser-csvw).
// node csv-described.mjs ADDRESS DATASET [QUERY]
import { Package } from 'datapackage';
import { Table } from 'tableschema';
import { Readable } from 'node:stream';
import Csvw from '@zazuko/rdf-parser-csvw';
import { Store, DataFactory } from 'n3';

const [, , address, dataset, query = ''] = process.argv;
const base = `${address}/v1/datasets/${dataset}/`;

const descriptor = await (await fetch(base + 'datapackage.json' + query)).json();
const pack = await Package.load(structuredClone(descriptor));
const resource = descriptor.resources[0];
const text = await (await fetch(resource.path)).text();
const table = await Table.load(Readable.from([text]), { schema: resource.schema, format: 'csv' });
const rows = await table.read({ keyed: true, forceCast: true });
const errors = rows.filter(r => r instanceof Error || r.errors).map(e => e.errors ? e.errors.map(x => x.message).join('; ') : e.message);

const response = await fetch(base + 'data?format=csv' + query.replace('?', '&'));
const link = response.headers.get('link');
const metadataUrl = new URL(link.match(/<([^>]*)>; rel="describedby"; type="application\/csvm\+json"/)[1], address).href;
const answer = await fetch(metadataUrl);
const metadata = await answer.json();
const csv = await response.text();

// The few terms of http://www.w3.org/ns/csvw that the metadata uses, as the RDF that the parser takes: nothing is fetched.
const csvw = 'http://www.w3.org/ns/csvw#';
const { namedNode, literal, blankNode, quad } = DataFactory;
const store = new Store();
const list = items => items.reduceRight((rest, item) => {
  const node = blankNode();
  store.addQuad(quad(node, namedNode('http://www.w3.org/1999/02/22-rdf-syntax-ns#first'), item));
  store.addQuad(quad(node, namedNode('http://www.w3.org/1999/02/22-rdf-syntax-ns#rest'), rest));
  return node;
}, namedNode('http://www.w3.org/1999/02/22-rdf-syntax-ns#nil'));
const [tableNode, schema, dialect] = [blankNode(), blankNode(), blankNode()];
store.addQuad(quad(tableNode, namedNode(csvw + 'url'), literal(metadata.url)));
store.addQuad(quad(tableNode, namedNode(csvw + 'tableSchema'), schema));
store.addQuad(quad(tableNode, namedNode(csvw + 'dialect'), dialect));
for (const [name, value] of Object.entries(metadata.dialect)) if (typeof value === 'string') store.addQuad(quad(dialect, namedNode(csvw + name), literal(value)));
store.addQuad(quad(schema, namedNode(csvw + 'column'), list(metadata.tableSchema.columns.map(column => {
  const node = blankNode();
  store.addQuad(quad(node, namedNode(csvw + 'name'), literal(column.name)));
  store.addQuad(quad(node, namedNode(csvw + 'title'), literal(column.titles)));
  store.addQuad(quad(node, namedNode(csvw + 'datatype'), namedNode('http://www.w3.org/2001/XMLSchema#' + column.datatype)));
  return node;
}))));
const parser = new Csvw({ metadata: store, baseIRI: metadata.url });
let [triples, values] = [0, []];
for await (const q of parser.import(Readable.from([csv]))) {
  triples++;
  if (decodeURIComponent(q.predicate.value).endsWith('#OBS_VALUE')) values.push([q.object.value, q.object.datatype.value]);
}
console.log(JSON.stringify({
  valid: pack.valid, packageErrors: pack.errors.map(e => e.message), rows: rows.length, errors: errors.slice(0, 5), first: rows[0],
  header: csv.split('\r\n')[0], columns: metadata.tableSchema.columns.map(c => c.titles), fields: resource.schema.fields.map(f => f.name),
  packageHeader: text.split('\r\n')[0], type: answer.headers.get('content-type'), url: metadata.url, asked: response.url, triples, values: values.slice(0, 3), key: metadata.tableSchema.primaryKey,
}));
