// Reads a service of ours as others' libraries do: node odata.mjs SERVICE FILTERS SEED. Prints what was read, as JSON.
import assert from 'node:assert/strict';
import clients from '@odata/client';
import query from 'odata-query';
import { csdl2openapi } from 'odata-openapi';
import { xml2json } from 'odata-csdl';

const [service, filters, seed] = process.argv.slice(2);
const buildQuery = query.default ?? query;
const get = async (address, headers = {}) => {
  const answer = await fetch(address, { headers });
  const text = await answer.text();
  assert.equal(answer.status, 200, `${address}: ${answer.status} ${text}`);
  return text;
};
const pages = async (address, size) => {
  const rows = [];
  let count = 0;
  for (let next = address; next; count++) {
    const page = JSON.parse(await get(next, { Prefer: `odata.maxpagesize=${size}` }));
    assert.ok(page.value.length <= size);
    rows.push(...page.value);
    next = page['@odata.nextLink'];
  }
  return { rows, count };
};

// The model: XML and JSON say the same, and both can be turned into an OpenAPI document.
const fromXml = xml2json(await get(service + '$metadata'));
const fromJson = JSON.parse(await get(service + '$metadata?$format=json'));
const messages = [];
const documents = [fromXml, fromJson].map(csdl => csdl2openapi(csdl, { messages }));
assert.deepEqual(messages, []);
assert.deepEqual(Object.keys(documents[0].paths), Object.keys(documents[1].paths));

// The whole set, in small pages and at once.
const small = await pages(service + 'Observations', 7);
const { rows } = await pages(service + 'Observations', 100000);
assert.deepEqual(small.rows, rows);
const labels = Object.fromEntries((await pages(service + 'REF_AREA_Codes', 100000)).rows.map(code => [code.Id, code]));

// A client that makes its own requests.
const client = clients.OData.New4({ serviceEndpoint: service });
const set = client.getEntitySet('Observations');
const some = rows.find(row => row.OBS_VALUE !== null && /^[\w']+$/.test(row.REF_AREA)); // it escapes neither & nor #
const found = await set.query(client.newParam().filter(client.newFilter().property('REF_AREA').eq(some.REF_AREA)).orderby([{ field: 'TIME_START', order: 'desc' }]).top(3).select('REF_AREA', 'TIME_START'));
assert.ok(found.length > 0 && found.every(row => row.REF_AREA === some.REF_AREA && row.OBS_VALUE === undefined));
assert.equal(await set.count(client.newFilter().property('REF_AREA').eq(some.REF_AREA)), rows.filter(row => row.REF_AREA === some.REF_AREA).length);

// Random filters: the service gives the rows that a naive evaluation leaves. null is "unknown".
let state = Number(seed);
const random = n => (state = (state * 48271) % 2147483647) % n;
const pick = list => list[random(list.length)];
const quote = text => `'${encodeURIComponent(text.replaceAll("'", "''"))}'`;
const raw = value => ({ type: 'raw', value });
const compare = { eq: (a, b) => a === b, ne: (a, b) => a !== b, gt: (a, b) => a !== null && b !== null && a > b, ge: (a, b) => a !== null && b !== null && a >= b,
  lt: (a, b) => a !== null && b !== null && a < b, le: (a, b) => a !== null && b !== null && a <= b };
const texts = ['REF_AREA', 'FREQ', 'TIME_PERIOD', 'OBS_STATUS', 'UNIT_MEASURE', 'NOTE'];
const part = text => { const from = random(text.length + 1); return text.slice(from, from + random(3)); };
const strings = { contains: (a, b) => a.includes(b), startswith: (a, b) => a.startsWith(b), endswith: (a, b) => a.endsWith(b) };
const leaves = [
  () => { const [p, o] = [pick(texts), pick(Object.keys(compare))]; const v = pick(rows)[p] ?? 'x'; return [{ [p]: { [o]: v } }, row => compare[o](row[p], v)]; },
  () => { const p = pick(texts); const v = pick(rows)[p] ?? 'x'; return [{ [p]: v }, row => row[p] === v]; },
  () => { const p = pick(texts); const v = [...new Set([pick(rows)[p], pick(rows)[p], 'none'])].filter(x => x); return [{ [p]: { in: v } }, row => v.includes(row[p])]; },
  () => { const [p, f] = [pick(texts), pick(Object.keys(strings))]; const v = part(pick(rows)[p] ?? 'x'); return [{ [p]: { [f]: v } }, row => row[p] === null ? null : strings[f](row[p], v)]; },
  () => { const p = pick(texts); const v = part(pick(rows)[p] ?? 'x').toLowerCase(); return [`contains(tolower(${p}),${quote(v)})`, row => row[p] === null ? null : row[p].toLowerCase().includes(v)]; },
  () => { const [o, v] = [pick(Object.keys(compare)), pick(rows).OBS_VALUE ?? 0]; return [{ OBS_VALUE: { [o]: v } }, row => compare[o](row.OBS_VALUE, v)]; },
  () => { const [o, v] = [pick(Object.keys(compare)), pick(rows).OBS_VALUE ?? 0]; return [`${v} ${o} OBS_VALUE`, row => compare[o](v, row.OBS_VALUE)]; },
  () => { const v = [pick(rows).OBS_VALUE ?? 1, pick(rows).OBS_VALUE ?? 2]; return [{ OBS_VALUE: { in: v } }, row => v.includes(row.OBS_VALUE)]; },
  () => { const p = pick(['OBS_VALUE', 'NOTE', 'TIME_START', 'REF_AREA']); return random(2) ? [{ [p]: null }, row => row[p] === null] : [{ [p]: { ne: null } }, row => row[p] !== null]; },
  () => { const [p, o] = [pick(['TIME_START', 'TIME_END']), pick(Object.keys(compare))]; const v = pick(rows)[p] ?? '2023-01-01'; return [{ [p]: { [o]: raw(v) } }, row => compare[o](row[p], v)]; },
  () => { const v = pick([2022, 2023, 2024]); return [`year(TIME_START) eq ${v}`, row => row.TIME_START !== null && Number(row.TIME_START.slice(0, 4)) === v]; },
  () => { const [o, v] = [pick(Object.keys(compare)), random(12)]; return [`length(REF_AREA) ${o} ${v}`, row => compare[o](row.REF_AREA.length, v)]; },
  () => { const v = pick(Object.values(labels)).Label_zh; return [`REF_AREA_Code/Label_zh eq ${v === null ? 'null' : quote(v)}`, row => labels[row.REF_AREA].Label_zh === v]; },
  () => { const [p, q, o] = [pick(texts), pick(texts), pick(Object.keys(compare))]; return [`${p} ${o} ${q}`, row => compare[o](row[p], row[q])]; },
  () => { const o = pick(Object.keys(compare)); return [`OBS_VALUE ${o} UNIT_MULT`, row => compare[o](row.OBS_VALUE, row.UNIT_MULT)]; },
  // By powers of two, which binary numbers have exactly.
  () => { const [o, v] = [pick(Object.keys(compare)), pick(rows).OBS_VALUE ?? 1]; return [`-OBS_VALUE mul 4 ${o} ${v * 2} div 0.5`, row => compare[o](row.OBS_VALUE === null ? null : -row.OBS_VALUE * 4, v * 4)]; },
  () => { const v = pick(rows).UNIT_MULT; return [{ UNIT_MULT: { le: v } }, row => compare.le(row.UNIT_MULT, v)]; },
];
const text = filter => { const q = buildQuery({ filter }); return q ? q.slice('?$filter='.length) : 'true'; };
const tree = depth => {
  if (depth === 0 || random(4) === 0) return pick(leaves)();
  const kind = pick(['and', 'or', 'not']);
  if (kind === 'not') { const [f, p] = tree(depth - 1); return [`not (${text(f)})`, row => { const v = p(row); return v === null ? null : !v; }]; }
  const parts = Array.from({ length: 2 + random(2) }, () => tree(depth - 1));
  const decides = kind === 'or';
  return [{ [kind]: parts.map(([f]) => f) }, row => { const v = parts.map(([, p]) => p(row)); return v.includes(decides) ? decides : v.includes(null) ? null : !decides; }];
};
let matched = 0;
for (let n = 0; n < Number(filters); n++) {
  const [filter, holds] = tree(3);
  const address = service + 'Observations' + buildQuery({ filter, count: true, top: 100000 });
  const page = JSON.parse(await get(address));
  const expected = rows.filter(row => holds(row) === true);
  assert.deepEqual(page.value, expected, decodeURIComponent(address));
  assert.equal(page['@odata.count'], expected.length, address);
  matched += expected.length > 0 && expected.length < rows.length ? 1 : 0;
}
console.log(JSON.stringify({ rows: rows.length, pages: small.count, paths: Object.keys(documents[0].paths).length, matched }));
