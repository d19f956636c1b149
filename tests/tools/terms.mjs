// Reads descriptions as linked data and looks up each class and property in its vocabulary as its owner publishes it (the @vocabulary packages): whether it exists, and,
// where the vocabulary says so, whether the subject and the object are of the classes that the property is for.
// node terms.mjs ADDRESS PATH…   (.ttl and .jsonld as they are; a page by the JSON-LD in it)
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import jsonld from 'jsonld';
import { Parser, Store } from 'n3';

const rdf = 'http://www.w3.org/1999/02/22-rdf-syntax-ns#', rdfs = 'http://www.w3.org/2000/01/rdf-schema#', schema = 'http://schema.org/';
const names = ['dcat', 'dcterms', 'foaf', 'hydra', 'qb', 'schema', 'skos', 'vcard'];
const vocabularies = new Store(names.flatMap(name => new Parser({ format: 'N-Quads' })
  .parse(readFileSync(fileURLToPath(import.meta.resolve(`@vocabulary/${name}/${name}.nq`)), 'utf8')).map(({ subject, predicate, object }) => ({ subject, predicate, object }))));
const spaces = ['http://www.w3.org/ns/dcat#', 'http://purl.org/dc/terms/', 'http://xmlns.com/foaf/0.1/', 'http://www.w3.org/ns/hydra/core#', 'http://purl.org/linked-data/cube#',
  schema, 'http://www.w3.org/2004/02/skos/core#', 'http://www.w3.org/2006/vcard/ns#'];
// Croissant's context has a language, which makes every text one of that language.
const text = ['string', 'langString'];
const literals = { Text: text, URL: text, Date: [...text, 'date', 'Date'], DateTime: [...text, 'dateTime', 'DateTime'], Number: ['integer', 'double', 'decimal'], Integer: ['integer'], Boolean: ['boolean'] };

function above(type, seen = new Set()) {
  if (!seen.has(type)) {
    seen.add(type);
    for (const parent of vocabularies.getObjects(type, rdfs + 'subClassOf', null)) above(parent.value, seen);
  }
  return seen;
}

async function triplesOf(address, path) {
  const response = await fetch(address + path);
  const body = await response.text();
  if (!response.ok) throw new Error(`${response.status} ${path}: ${body}`);
  if (path.includes('.ttl')) return new Parser({ baseIRI: address + path }).parse(body);
  const found = response.headers.get('content-type').startsWith('text/html') ? [...body.matchAll(/<script type="application\/ld\+json">(.*?)<\/script>/gs)].map(m => m[1]) : [body];
  if (found.length === 0) throw new Error(`${path} has no JSON-LD`);
  // What schema.org's own context says: its words are the vocabulary's.
  const documentLoader = async url => {
    if (!/^https?:\/\/schema\.org\/?$/.test(url)) throw new Error(`asks for ${url}`);
    return { contextUrl: null, documentUrl: url, document: { '@context': { '@vocab': schema } } };
  };
  const quads = [];
  for (const json of found)
    quads.push(...new Parser({ format: 'N-Quads' }).parse((await jsonld.toRDF(JSON.parse(json), { format: 'application/n-quads', base: address + path, documentLoader })).replaceAll('https://schema.org/', schema)));
  return quads;
}

const [, , address, ...paths] = process.argv;
const result = {};
for (const path of paths) {
  const store = new Store(await triplesOf(address, path));
  const faults = new Set(), known = new Set();
  const typesOf = term => store.getObjects(term, rdf + 'type', null).map(t => t.value);
  // Of a class of another vocabulary it is not known what it is.
  const fits = (types, wanted) => types.length === 0 || types.some(type => !spaces.some(s => type.startsWith(s)) || [...above(type)].some(t => wanted.includes(t)));
  const exists = iri => {
    if (!spaces.some(s => iri.startsWith(s))) return;
    known.add(iri);
    if (vocabularies.countQuads(iri, null, null) === 0) faults.add(`${iri} does not exist`);
    if (vocabularies.countQuads(iri, schema + 'supersededBy', null) > 0) faults.add(`${iri} is superseded`);
  };
  for (const { subject, predicate, object } of store) {
    exists(predicate.value === rdf + 'type' ? object.value : predicate.value);
    const [domains, ranges] = [vocabularies.getObjects(predicate, schema + 'domainIncludes', null).map(t => t.value), vocabularies.getObjects(predicate, schema + 'rangeIncludes', null).map(t => t.value)];
    const types = typesOf(subject);
    if (domains.length > 0 && !fits(types, domains)) faults.add(`${predicate.value} is not for ${types}`);
    if (ranges.length > 0) {
      const isRight = object.termType === 'Literal'
        ? ranges.some(r => (literals[r.slice(schema.length)] ?? []).includes(object.datatype.value.replace(/^.*[#/]/, '')))
        : fits(typesOf(object), ranges);
      if (!isRight) faults.add(`${predicate.value} does not take ${object.termType === 'Literal' ? object.datatype.value : typesOf(object)} (${object.value}), but ${ranges}`);
    }
    // Elsewhere a subject that says what it is must be what the property's domain is, where that is a class of these vocabularies.
    for (const [term, role] of [[subject, 'domain'], [object, 'range']])
      for (const { value } of vocabularies.getObjects(predicate, rdfs + role, null))
        if (spaces.some(s => value.startsWith(s)) && term.termType !== 'Literal' && !fits(typesOf(term), [value]))
          faults.add(`${predicate.value} has the ${role} ${value} and not ${typesOf(term)}`);
  }
  result[path] = { faults: [...faults].sort(), terms: known.size };
}
console.log(JSON.stringify(result));
