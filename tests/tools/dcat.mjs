// Reads a catalogue as a harvester does: each page as JSON-LD (jsonld) and as Turtle (n3), following hydra:next, and checks both against shapes (rdf-validate-shacl).
// node dcat.mjs SHAPES ADDRESS [EXTENSION-LESS PATH AND QUERY]
import { readFileSync } from 'node:fs';
import jsonld from 'jsonld';
import { Parser, Store, DataFactory } from 'n3';
import Validator from 'rdf-validate-shacl';

const [, , shapesFile, address, start] = process.argv;
const hydra = 'http://www.w3.org/ns/hydra/core#';
const noRemoteContexts = async url => { throw new Error(`asks for ${url}`); };

async function get(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${response.status} ${url}: ${await response.text()}`);
  return { type: response.headers.get('content-type'), text: await response.text(), link: response.headers.get('link') };
}

function lines(store) {
  const term = t => t.termType === 'Literal' ? `${JSON.stringify(t.value)}@${t.language.toLowerCase()}^^${t.datatype.value}` : `<${t.value}>`;
  return new Set([...store].filter(q => !q.predicate.value.startsWith(hydra) && !q.object.value.startsWith(hydra)).map(q => `${term(q.subject)} ${term(q.predicate)} ${term(q.object)}`));
}

async function pages(extension) {
  const whole = new Store();
  const types = new Set();
  const blank = [];
  let [url, count] = [`${address}/${start.replace('.EXT', '.' + extension)}`, 0];
  while (url) {
    const { type, text, link } = await get(url);
    types.add(type);
    const nquads = extension === 'ttl' ? null : await jsonld.toRDF(JSON.parse(text), { format: 'application/n-quads', documentLoader: noRemoteContexts, safe: true });
    const quads = new Parser({ format: extension === 'ttl' ? 'text/turtle' : 'N-Quads', baseIRI: url }).parse(nquads ?? text);
    blank.push(...quads.filter(q => q.subject.termType === 'BlankNode' || q.object.termType === 'BlankNode'));
    whole.addQuads(quads);
    count++;
    const page = new Store(quads);
    const next = page.getObjects(null, hydra + 'next', null)[0]?.value;
    const linked = link?.match(/<([^>]*)>; rel="next"/)?.[1];
    if (next !== linked) throw new Error(`hydra:next is ${next}, Link is ${linked}`);
    url = next;
  }
  return { whole, types: [...types], count, blank: blank.length };
}

const [a, b] = [await pages('jsonld'), await pages('ttl')];
const [x, y] = [lines(a.whole), lines(b.whole)];
const differ = [...x].filter(l => !y.has(l)).concat([...y].filter(l => !x.has(l)));
const shapes = new Store(new Parser().parse(readFileSync(shapesFile, 'utf8')));
const report = await new Validator(shapes).validate(b.whole);
const violations = report.results.map(r => `${r.focusNode?.value} ${r.path?.value} ${r.value?.value ?? ''} ${r.sourceConstraintComponent?.value}: ${r.message.map(m => m.value).join(' ')}`);
const dcat = 'http://www.w3.org/ns/dcat#';
console.log(JSON.stringify({
  types: [...a.types, ...b.types], pages: [a.count, b.count], triples: x.size, blank: a.blank + b.blank, differ: differ.slice(0, 10), violations: violations.slice(0, 20),
  datasets: b.whole.countQuads(null, DataFactory.namedNode('http://www.w3.org/1999/02/22-rdf-syntax-ns#type'), DataFactory.namedNode(dcat + 'Dataset'), null),
  graph: [...y],
}));
