// Checks answers of every face, for every dataset that a server has, against the schemas and shapes that others published: node schemas.mjs ADDRESS FOLDER [CHECK…]
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import Ajv from 'ajv';
import Ajv2019 from 'ajv/dist/2019.js';
import Ajv2020 from 'ajv/dist/2020.js';
import Ajv4 from 'ajv-draft-04';
import formats from 'ajv-formats';
import jsonld from 'jsonld';
import { DataFactory, Parser, Store } from 'n3';
import Shapes from 'rdf-validate-shacl';
import YAML from 'yaml';

const { csdl2openapi } = createRequire(import.meta.url)('odata-openapi');
const usage = `node schemas.mjs ADDRESS FOLDER [CHECK…]

FOLDER is what published.mjs fills; a check whose schemas are not there is passed over. SDMX-ML and CSDL need xmllint (Debian: libxml2-utils). ".." marks what is only
recommended. CHECK is the beginning of the names of the checks to make, such as sdmx-json or pxweb. The server needs Pipeline__Contact for DCAT-US, and the agency that
it has by default.`;

const [, , address, folder, ...wanted] = process.argv;
if (!folder) {
  console.log(usage);
  process.exit(2);
}
const site = address.replace(/\/$/, '');
const work = mkdtempSync(join(tmpdir(), 'schemas-'));
process.on('exit', () => rmSync(work, { recursive: true, force: true }));

function place(source, path) {
  if (!existsSync(join(folder, source)))
    throw new Error(`${source} is not in ${folder}`);
  return join(folder, source, path);
}
const file = (source, path) => readFileSync(place(source, path), 'utf8');
const json = (source, path) => JSON.parse(file(source, path));

const checks = new Map();
const count = (name, request, faults) => {
  const check = checks.get(name) ?? { answers: 0, faulty: 0, kinds: new Map() };
  checks.set(name, check);
  check.answers++;
  if (faults.length)
    check.faulty++;
  for (const fault of new Set(faults)) {
    const kind = fault.replace(/\/\d+(?=\/|\s|$)/g, '/#').replace(/'[^']*'|"[^"]*"/g, '…').slice(0, 160);
    const known = check.kinds.get(kind) ?? { times: 0, fault, request };
    known.times++;
    check.kinds.set(kind, known);
  }
};
const is = name => !wanted.length || wanted.some(w => name.startsWith(w) || w.startsWith(name));

async function part(name, run) {
  if (!is(name))
    return;
  try {
    await run();
  } catch (error) {
    if (/is not in /.test(error.message))
      console.log(`-- ${name}: ${error.message}`);
    else
      count(name, '', [`the check itself failed: ${error.stack}`]);
  }
}

async function ask(path, { accept, body, method, headers = {} } = {}) {
  const response = await fetch(/^https?:/.test(path) ? path : site + path, {
    method: method ?? (body === undefined ? 'GET' : 'POST'), body: body === undefined ? undefined : JSON.stringify(body),
    headers: { ...accept && { Accept: accept }, ...body !== undefined && { 'Content-Type': 'application/json' }, ...headers },
  });
  const text = await response.text();
  return { status: response.status, type: response.headers.get('content-type') ?? '', headers: response.headers, text,
    request: `${accept ? `[${accept}] ` : ''}${path}${body === undefined ? '' : ` ${JSON.stringify(body)}`}` };
}
const said = error => `${error.instancePath || '/'} ${error.message}${error.params && Object.keys(error.params).length ? ` ${JSON.stringify(error.params)}` : ''}`.slice(0, 300);

// A schema's own slips are put right by `mend`, each where it is used.
function compiler(Kind, schemas, mend = s => s) {
  const read = schemas.map(s => mend(structuredClone(s)));
  // Some of their patterns are right only with the flag u, some only without.
  const compile = unicodeRegExp => {
    const ajv = new Kind({ strict: false, allErrors: true, logger: false, unicodeRegExp });
    formats(ajv);
    read.slice(1).forEach(s => ajv.addSchema(s));
    return ajv.compile(read[0]);
  };
  let valid;
  try {
    valid = compile(true);
  } catch {
    valid = compile(false);
  }
  return value => valid(value) ? [] : valid.errors.filter(e => !['oneOf', 'anyOf', 'if', '$ref'].includes(e.keyword)).concat(valid.errors).slice(0, 5).map(said);
}
function parsed(answer, valid) {
  try {
    return valid(JSON.parse(answer.text));
  } catch (error) {
    return [`${answer.status} is no JSON: ${error.message} ${answer.text.slice(0, 80)}`];
  }
}
const expect = (answer, statuses, type) => [
  ...statuses.includes(answer.status) ? [] : [`status ${answer.status}, not ${statuses}: ${answer.text.slice(0, 200)}`],
  ...answer.status === 204 || !type || answer.type.replace(/; */g, ';').startsWith(type) ? [] : [`Content-Type ${answer.type}, not ${type}`]];

// XML is kept and validated by schema, many files at once.
const xml = new Map();
function keep(name, schema, answer) {
  const list = xml.get(schema) ?? [];
  xml.set(schema, list);
  const path = join(work, `answer-${[...xml.values()].flat().length}.xml`);
  writeFileSync(path, answer.text);
  list.push({ name, path, request: answer.request });
}
function xmllint() {
  for (const [schema, list] of xml) {
    const faults = new Map(list.map(l => [l.path, []]));
    const run = spawnSync('xmllint', ['--nonet', '--noout', '--schema', schema, ...list.map(l => l.path)], { maxBuffer: 1 << 28 });
    if (run.error)
      throw new Error('xmllint is not in PATH');
    const lines = run.stderr.toString().split('\n');
    for (const line of lines) {
      const [, path, fault] = /^(.*?\.xml):\d+: (.*)$/.exec(line) ?? [];
      if (faults.has(path))
        faults.get(path).push(fault.replace(/\{[^}]*\}/g, '').slice(0, 300));
    }
    const whole = /failed to compile|failed to load/i.test(run.stderr) ? lines.filter(l => l && !l.endsWith('validates')).slice(0, 3) : [];
    for (const { name, path, request } of list)
      count(name, request, [...whole, ...faults.get(path).slice(0, 5)]);
  }
  xml.clear();
}

const enc = encodeURIComponent;
const pick = list => list[Math.floor(list.length / 2)];
const datasets = [];
for (let page = '/v1/datasets?limit=100'; page;) {
  const read = JSON.parse((await ask(page)).text);
  datasets.push(...read.datasets);
  page = read.page?.next;
}
for (const dataset of datasets)
  dataset.about = JSON.parse((await ask(`/v1/datasets/${dataset.id}`)).text);
console.log(`${datasets.length} datasets at ${site}`);

// The data of SDMX, 2.x and 1.x: what is asked, for one dataset, and the statuses that are right.
function questions(dataset, version) {
  const dimensions = dataset.dimensions;
  const timed = !!dataset.time?.from;
  const few = dataset.observations > 1000 ? ['lastNObservations=1'] : [];
  const one = pick(dimensions);
  const list = [[few], [['firstNObservations=1']], [['lastNObservations=2', ...timed ? ['dimensionAtObservation=TIME_PERIOD'] : []]],
    [[...few, 'dimensionAtObservation=AllDimensions']],
    ...dimensions.filter(d => d !== 'FREQ').slice(0, 3).map(d => [[...few, `dimensionAtObservation=${d}`]]),
    [[...few, 'updatedAfter=2000-01-01T00:00:00Z']], [[...few, 'updatedAfter=2099-01-01T00:00:00Z'], [200, 404, 204]], [[...few, 'includeHistory=true']],
    [['asOf=2000-01-01T00:00:00Z'], version === 2 ? [404, 204] : [400]], [[...few, `asOf=${new Date().toISOString()}`], version === 2 ? [200] : [400]],
    [['dimensionAtObservation=NO_SUCH'], [400, 404]], [['nonsense=1'], [400]], [['firstNObservations=-1'], [400]]].map(([q, s]) => ['', q, s ?? [200]]);
  if (version === 2) {
    for (const attributes of ['none', 'dsd', 'dataset', 'series', 'obs', 'all', 'msd', 'OBS_STATUS', 'UNIT_MEASURE,UNIT_MULT'])
      for (const measures of attributes === 'none' ? ['none', 'all'] : ['all'])
        list.push(['', [...few, `attributes=${attributes}`, `measures=${measures}`], [200]]);
    list.push(['', ['limit=2'], [200]], ['', ['offset=1', 'limit=1'], [200, 404, 204]], ['', [...few, 'measures=OBS_VALUE'], [200]],
      ['', [...few, 'attributes=none', 'dimensionAtObservation=AllDimensions'], [200]],
      ['', ['offset=9999999', 'limit=1'], [404, 204, 200]], ['', [...few, 'sort=OBS_VALUE:desc'], [200]], ['', [...few, `sort=${one}`], [200]],
      ['', [...few, 'sort=series_key:desc'], [200, 400]],
      ['', [...few, 'c[OBS_VALUE]=gt:0'], [200, 404, 204]], ['', ['c[OBS_VALUE]=gt:1e15'], [404, 204]], ['', [`c[${one}]=NO_SUCH_CODE`], [404, 204, 400]],
      ['', [...few, 'reportingYearStartDay=--07-01'], [200, 501]],
      [`/${dimensions.map(() => '*').join('.')}`, few, [200]], ['', ['attributes=NO_SUCH'], [400, 404]], ['', ['limit=x'], [400]], ['', ['c[NO_SUCH]=1'], [400, 404]]);
    if (timed)
      list.push(['', [...few, 'c[TIME_PERIOD]=ge:1900'], [200]], ['', ['c[TIME_PERIOD]=gt:2999'], [404, 204]]);
  } else {
    for (const detail of ['full', 'dataonly', 'serieskeysonly', 'nodata'])
      list.push(['', [...few, `detail=${detail}`], [200]]);
    if (timed)
      list.push(['', [...few, 'startPeriod=1900'], [200]], ['', ['startPeriod=2999'], [404]]);
    list.push(['', ['detail=wrong'], [400]], ...dimensions.length > 3 ? [[`/${dimensions.map(() => '').join('.')}`, few, [200]]] : []);
  }
  return list.map(([key, query, statuses]) => ({
    path: (version === 2 ? `/sdmx/v2/data/dataflow/*/${dataset.id}/~${key}` : `/sdmx/v1/data/${dataset.id}${key}`) + (query.length ? '?' + query.map(q => q.replace(/\[/g, '%5B').replace(/\]/g, '%5D')).join('&') : ''), statuses, query,
  }));
}

// Beside the schema: every index of a value is that of one there is.
function indices(message) {
  const faults = [];
  const structures = message.data?.structures ?? (message.data?.structure ? [message.data.structure] : []);
  for (const set of message.data?.dataSets ?? []) {
    const structure = structures[set.structure ?? 0] ?? structures[0];
    const at = (key, components, what) => key.split(':').forEach((index, i) => {
      if (!components?.[i] || components[i].values && +index >= components[i].values.length)
        faults.push(`${what} key ${key}: position ${i} has no value ${index}`);
    });
    const cells = (values, components, what) => {
      if (values && values.length > (components?.length ?? 0))
        faults.push(`${what}: ${values.length} values of ${components?.length ?? 0} components`);
      values?.forEach((index, i) => components?.[i]?.values?.length && Number.isInteger(index) && index >= components[i].values.length && faults.push(`${what}: ${components[i].id} has no value ${index}`));
    };
    const observations = list => Object.entries(list ?? {}).forEach(([key, values]) => {
      at(key, structure.dimensions.observation, 'observation');
      const measures = structure.measures?.observation ?? [{ id: 'OBS_VALUE' }];
      cells(values?.slice(measures.length), structure.attributes?.observation, 'observation');
    });
    observations(set.observations);
    Object.entries(set.series ?? {}).forEach(([key, series]) => {
      at(key, structure.dimensions.series, 'series');
      cells(series.attributes, structure.attributes?.series, 'series');
      observations(series.observations);
    });
  }
  return faults.slice(0, 3);
}

const oldDraft = schema => JSON.parse(JSON.stringify(schema, (key, value) => key === '$schema' ? undefined : value).replace(/^\{"id":/, '{"$id":'));
const sdmxJson = (kind, version) => version === '2.1.0'
  ? compiler(Ajv2019, [json('sdmx-twg/sdmx-json/v2.1.0', `${kind}-message/tools/schemas/sdmx-json-${kind}-schema.json`)])
  : compiler(Ajv, [json('sdmx-twg/sdmx-json/v2.0.0', `${kind}-message/tools/schemas/${version === '2.0.0' ? '2.0.0' : '1.0'}/sdmx-json-${kind}-schema.json`)], oldDraft);

// 1.0 gives a period no place but an id, and by its pattern a range is none: the schema's slip, not ours (docs/api-sdmx-data.md).
const withoutRanges = answer => ({ ...answer, text: answer.text.replace(/"id":"\d{4}-\d\d-\d\d\/P\d+[DM]"/g, '"id":"range"') });
for (const version of ['2.1.0', '2.0.0', '1.0.0']) {
  await part(`sdmx-json-data-${version}`, async () => {
    const valid = sdmxJson('data', version);
    for (const dataset of datasets) {
      for (const { path, statuses, query } of [...questions(dataset, 2), ...version === '1.0.0' ? questions(dataset, 1) : []]) {
        const answer = await ask(path, { accept: `application/vnd.sdmx.data+json;version=${version}` });
        const faults = expect(answer, statuses, answer.status < 300 ? `application/vnd.sdmx.data+json;version=${version}` : undefined);
        if (answer.status !== 204)
          faults.push(...parsed(version === '1.0.0' ? withoutRanges(answer) : answer, valid), ...parsed(answer, indices));
        count(`sdmx-json-data-${version}${answer.status < 300 ? '' : '-errors'}`, answer.request, faults);
      }
    }
  });
}

// The structures.
const types2 = ['datastructure', 'dataflow', 'conceptscheme', 'codelist', 'agencyscheme', 'dataconstraint', 'categoryscheme', 'categorisation', 'valuelist', 'hierarchy',
  'provisionagreement', 'metadatastructure', 'metadataflow',
  'dataproviderscheme', 'organisationunitscheme', 'structuremap', 'process', 'transformationscheme', 'reportingtaxonomy', '*'];
const types1 = ['datastructure', 'dataflow', 'conceptscheme', 'codelist', 'agencyscheme', 'contentconstraint', 'categoryscheme', 'categorisation', 'hierarchicalcodelist',
  'provisionagreement', 'organisationscheme', 'dataproviderscheme', 'structure', 'structureset', 'metadatastructure'];
function* structures(version, dataset) {
  const base = version === 2 ? '/sdmx/v2/structure' : '/sdmx/v1';
  const all = version === 2 ? '*' : 'all';
  const ids = { dataflow: dataset.id, datastructure: `DSD_${dataset.id}`, conceptscheme: `CS_${dataset.id}`, codelist: `CL_${pick(dataset.dimensions)}--${dataset.id}`,
    agencyscheme: 'AGENCIES' };
  const details = ['full', 'allstubs', 'referencestubs', 'allcompletestubs', 'referencecompletestubs', 'referencepartial', ...version === 2 ? ['raw'] : []];
  const references = ['none', 'parents', 'parentsandsiblings', 'children', 'descendants', 'all', 'codelist', 'conceptscheme', 'datastructure',
    ...version === 2 ? ['ancestors'] : []];
  for (const [type, id] of Object.entries(ids)) {
    for (const detail of details)
      yield `${base}/${type}/${all}/${id}?detail=${detail}&references=${type === 'agencyscheme' ? 'none' : 'all'}`;
    for (const reference of references)
      if (type !== 'agencyscheme' || !['parents', 'parentsandsiblings', 'ancestors', 'all'].includes(reference) || dataset === datasets[0])
        yield `${base}/${type}/${all}/${id}?references=${reference}`;
  }
  yield `${base}/datastructure/PIPELINE/DSD_${dataset.id}/${version === 2 ? '1.0.0' : '1.0'}?references=descendants`;
  yield `${base}/codelist/${all}/CL_FREQ--${dataset.id}/${version === 2 ? '~' : 'latest'}/NO_SUCH`;
  yield `${base}/codelist/${all}/CL_FREQ--${dataset.id}?detail=wrong`;
  yield `${base}/codelist/${all}/CL_FREQ--${dataset.id}?references=wrong`;
  yield `${base}/nonsense/${all}/x`;
  if (dataset !== datasets[0])
    return;
  for (const type of version === 2 ? types2 : types1)
    for (const query of ['', '?detail=allstubs', '?references=children'])
      yield `${base}/${type}${query}`;
}
function* availabilities(version, dataset) {
  const base = version === 2 ? `/sdmx/v2/availability/dataflow/*/${dataset.id}` : `/sdmx/v1/availableconstraint/${dataset.id}`;
  yield base;
  for (const mode of ['exact', 'available'])
    for (const references of ['none', 'all', 'codelist', 'dataflow', 'datastructure', 'conceptscheme', 'dataproviderscheme'])
      yield `${base}${version === 2 ? '/~/*/*' : '/all/all/all'}?mode=${mode}&references=${references}`;
  for (const component of [pick(dataset.dimensions), ...dataset.time?.from ? ['TIME_PERIOD'] : [], 'NO_SUCH'])
    yield `${base}${version === 2 ? '/~/*' : '/all/all'}/${component}`;
  if (dataset.time?.from)
    yield version === 2 ? `${base}?c%5BTIME_PERIOD%5D=ge:2999` : `${base}?startPeriod=2999`;
  yield `${base}?updatedAfter=2099-01-01T00:00:00Z`;
  yield `${base}?mode=wrong`;
}
const languages = ['', 'zh', 'en;q=0.5, sv'];
for (const [version, api] of [['2.1.0', 2], ['2.0.0', 2], ['1.0', 1]]) {
  await part(`sdmx-json-structure-${version}`, async () => {
    const valid = sdmxJson('structure', version);
    for (const dataset of datasets) {
      let turn = 0;
      for (const path of [...structures(api, dataset), ...availabilities(api, dataset)]) {
        const answer = await ask(path, { accept: `application/vnd.sdmx.structure+json;version=${version}`, headers: { 'Accept-Language': languages[turn++ % 3] } });
        const faults = expect(answer, [200, 204, 400, 404, 501], answer.status < 300 ? `application/vnd.sdmx.structure+json;version=${version}` : undefined);
        if (answer.status !== 204)
          faults.push(...parsed(answer, valid));
        count(`sdmx-json-structure-${version}${answer.status < 300 ? '' : '-errors'}`, answer.request, faults);
      }
    }
  });
}

// SDMX-ML: structures and generic data by the schemas alone, structure-specific data by the server's own schema of the dataset, which must be one itself.
const ml = { 2: () => place('sdmx-twg/sdmx-ml/patch-v3.0.1', 'schemas'), 1: () => place('sdmx-twg/sdmx-ml-v2_1/master', 'schemas') };
for (const api of [2, 1]) {
  await part(`sdmx-ml-structure-${api === 2 ? '3.0' : '2.1'}`, async () => {
    const schema = join(ml[api](), 'SDMXMessage.xsd');
    for (const dataset of datasets) {
      for (const path of [...structures(api, dataset), ...availabilities(api, dataset)]) {
        const accept = `application/vnd.sdmx.structure+xml;version=${api === 2 ? '3.0.0' : '2.1'}`;
        const answer = await ask(path, { accept });
        const name = `sdmx-ml-structure-${api === 2 ? '3.0' : '2.1'}${answer.status < 300 ? '' : '-errors'}`;
        const faults = expect(answer, [200, 204, 400, 404, 501], answer.status < 300 ? accept : undefined);
        if (faults.length || answer.status === 204)
          count(name, answer.request, faults);
        else
          keep(name, schema, answer);
      }
    }
    xmllint();
  });
}
await part('sdmx-ml-generic-2.1', async () => {
  const newer = join(ml[2](), 'SDMXMessage.xsd');
  const schema = join(ml[1](), 'SDMXMessage.xsd');
  for (const type of ['genericdata', 'generictimeseriesdata']) {
    for (const dataset of datasets) {
      for (const { path, statuses, query } of [...questions(dataset, 1), ...type === 'genericdata' ? questions(dataset, 2) : []]) {
        if (type === 'generictimeseriesdata' && (!dataset.time?.from || query.some(q => q.startsWith('dimensionAt'))))
          continue;
        const accept = `application/vnd.sdmx.${type}+xml;version=2.1`;
        const answer = await ask(path, { accept });
        const faults = expect(answer, statuses, answer.status < 300 ? accept : undefined);
        if (faults.length || answer.status === 204)
          count(`sdmx-ml-${type}-2.1`, answer.request, faults);
        else
          keep(`sdmx-ml-${type}-2.1${answer.status < 300 ? '' : '-errors'}`, answer.status >= 300 && path.startsWith('/sdmx/v2') ? newer : schema, answer);
      }
    }
  }
  xmllint();
});
for (const api of [2, 1]) {
  await part(`sdmx-ml-specific-${api === 2 ? '3.0' : '2.1'}`, async () => {
    const name = `sdmx-ml-specific-${api === 2 ? '3.0' : '2.1'}`;
    const schemas = ml[api]();
    for (const dataset of datasets) {
      const own = new Map();
      for (const type of api === 2 ? ['application/vnd.sdmx.data+xml;version=3.0.0'] : ['application/vnd.sdmx.structurespecificdata+xml;version=2.1',
        'application/vnd.sdmx.structurespecifictimeseriesdata+xml;version=2.1']) {
        for (const { path, statuses, query } of questions(dataset, api)) {
          if (type.includes('timeseries') && (!dataset.time?.from || query.some(q => q.startsWith('dimensionAt'))))
            continue;
          const answer = await ask(path, { accept: type });
          const faults = expect(answer, statuses, answer.status < 300 ? type : undefined);
          if (faults.length || answer.status === 204 || answer.status >= 300) {
            if (faults.length || answer.status === 204)
              count(name, answer.request, faults);
            else
              keep(`${name}-errors`, join(schemas, 'SDMXMessage.xsd'), answer);
            continue;
          }
          const space = /xmlns:ns0="([^"]*)"/.exec(answer.text)?.[1] ?? '';
          const at = /:ObsLevelDim:([\w$@-]+)/.exec(space)?.[1] ?? 'TIME_PERIOD';
          const version = /\(([\d.]+)\)/.exec(space)?.[1] ?? '~';
          if (!own.has(space)) {
            const source = await ask(api === 2 ? `/sdmx/v2/schema/dataflow/PIPELINE/${dataset.id}/${version}?dimensionAtObservation=${at}`
              : `/sdmx/v1/schema/datastructure/PIPELINE/DSD_${dataset.id}/${version}?dimensionAtObservation=${at}`);
            count(`${name}-schema`, source.request, [...expect(source, [200]),
              ...source.text.includes(`targetNamespace="${space}"`) ? [] : [`its targetNamespace is not the data's, ${space}`]]);
            const path = join(work, `own-${api}-${dataset.id}-${own.size}`);
            writeFileSync(`${path}-types.xsd`, source.text.replace(/https:\/\/xml\.sdmx\.org\/[\d.]+\//g, `${pathToFileURL(schemas)}/`));
            writeFileSync(`${path}.xsd`, `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:import namespace="http://www.sdmx.org/resources/sdmxml/schemas/v${api === 2 ? '3_0' : '2_1'}/message" schemaLocation="${pathToFileURL(schemas)}/SDMXMessage.xsd"/>
              <xs:import namespace="${space}" schemaLocation="${pathToFileURL(path)}-types.xsd"/></xs:schema>`);
            own.set(space, `${path}.xsd`);
          }
          keep(name, own.get(space), answer);
        }
      }
      xmllint();
    }
  });
}

// SDMX-CSV has no schema; its field guide says which columns there are.
await part('sdmx-csv', async () => {
  for (const dataset of datasets) {
    for (const version of ['2.1.0', '2.0.0', '1.0.0']) {
      for (const more of ['', ';labels=both', ';labels=name', ';keys=series', ';keys=obs', ';keys=both', ';timeFormat=normalized']) {
        for (const { path, statuses } of more ? questions(dataset, 2).slice(0, 4) : [...questions(dataset, 2), ...questions(dataset, 1)]) {
          const accept = `application/vnd.sdmx.data+csv;version=${version}${more}`;
          const answer = await ask(path, { accept });
          const faults = expect(answer, more && version === '1.0.0' ? [...statuses, 406] : statuses,
            answer.status < 300 ? `application/vnd.sdmx.data+csv;version=${version}` : undefined);
          if (answer.status === 200) {
            const rows = [...answer.text.matchAll(/(?:^|\n)((?:"(?:[^"]|"")*"|[^"\n])*)/g)].map(m => m[1].replace(/\r$/, '')).filter(Boolean).map(r => [...r.matchAll(/(?:^|,)("(?:[^"]|"")*"|[^",]*)/g)].map(m => m[1]));
            const [head] = rows;
            const first = version === '1.0.0' ? ['DATAFLOW'] : ['STRUCTURE', 'STRUCTURE_ID', ...more === ';labels=name' ? ['STRUCTURE_NAME'] : [], 'ACTION',
              ...more === ';keys=series' || more === ';keys=both' ? ['SERIES_KEY'] : [], ...more === ';keys=obs' || more === ';keys=both' ? ['OBS_KEY'] : []];
            first.forEach((f, i) => head[i]?.split(':')[0] !== f && faults.push(`column ${i + 1} is ${head[i]}, not ${f}`));
            rows.forEach((r, i) => r.length !== head.length && faults.push(`row ${i + 1} has ${r.length} fields of ${head.length}`));
          }
          count(`sdmx-csv-${version}`, answer.request, faults.slice(0, 3));
        }
      }
    }
  }
});

// PxWebApi 2.
await part('pxweb', async () => {
  const api = YAML.parse(file('PxTools/PxApiSpecs/v2.2.0', 'PxAPI-2.yml'));
  const plain = JSON.parse(JSON.stringify(api.components.schemas), (key, value) => {
    if (!value || typeof value !== 'object' || Array.isArray(value))
      return value;
    const { nullable, example, default: _, exclusiveMaximum, ...rest } = value;
    return { ...rest, ...exclusiveMaximum !== undefined && typeof exclusiveMaximum !== 'boolean' && { exclusiveMaximum },
      ...nullable && typeof rest.type === 'string' && { type: [rest.type, 'null'] } };
  });
  // Slips of the document: `values` is called valueCodes everywhere else; the pattern of `updated` is a day's, its format and its examples are a moment's.
  plain.VariableSelection.required = ['variableCode', 'valueCodes'];
  delete plain.Table.properties.updated.pattern;
  delete plain.updated.pattern;
  const by = name => compiler(Ajv2020, [{ $id: 'px', components: { schemas: plain }, $ref: `#/components/schemas/${name}` }]);
  const schema = Object.fromEntries(['TablesResponse', 'TableResponse', 'Dataset', 'SelectionResponse', 'CodelistResponse', 'ConfigResponse', 'SavedQueryResponse', 'Problem']
    .map(n => [n, by(n)]));
  const look = async (name, path, more, statuses = [200]) => {
    const answer = await ask(`/pxweb/v2${path}`, more);
    const bad = answer.status >= 400;
    count(`pxweb-${bad ? 'Problem' : name}`, answer.request, [...expect(answer, statuses, bad ? 'application/problem+json' : 'application/json'),
      ...parsed(answer, bad ? schema.Problem : schema[name])]);
    return answer;
  };
  const config = JSON.parse((await look('ConfigResponse', '/config')).text);
  const tongues = [...config.languages.map(l => l.id), undefined];
  for (const query of ['', '?pageSize=3', '?pageSize=3&pageNumber=2', '?query=employment', '?query=zzzznothing', '?pastDays=1', '?includeDiscontinued=true',
    ...tongues.slice(0, -1).map(l => `?lang=${l}`)])
    await look('TablesResponse', `/tables${query}`);
  for (const query of ['?pageSize=0', '?pageNumber=999', '?pageNumber=x', '?pastDays=0', '?lang=xx', '?nonsense=1'])
    await look('TablesResponse', `/tables${query}`, {}, [400, 404]);
  for (const path of ['/tables/nosuch', '/tables/nosuch/metadata', '/tables/nosuch/data', '/tables/nosuch/defaultselection', '/codelists/nosuch', '/savedqueries/nosuch',
    '/savedqueries/nosuch/data', '/savedqueries/nosuch/selection', '/nonsense'])
    await look('', path, {}, [404]);
  for (const { id } of datasets) {
    for (const lang of tongues) {
      const tongue = lang ? `?lang=${lang}` : '';
      await look('TableResponse', `/tables/${id}${tongue}`);
      await look('Dataset', `/tables/${id}/metadata${tongue}`, {}, lang ? [200, 400, 404] : [200]);
      await look('SelectionResponse', `/tables/${id}/defaultselection${tongue}`);
      await look('Dataset', `/tables/${id}/data?outputFormat=json-stat2${lang ? `&lang=${lang}` : ''}`);
    }
    await look('Dataset', `/tables/${id}/metadata?defaultSelection=true`);
    const table = JSON.parse((await ask(`/pxweb/v2/tables/${id}/metadata`)).text);
    const lists = Object.values(table.dimension).flatMap(d => d.extension?.codelists ?? []);
    for (const list of lists) {
      await look('CodelistResponse', `/codelists/${list.id}`);
      await look('CodelistResponse', `/codelists/${list.id}?lang=zh`, {}, [200, 404]);
    }
    for (const expression of ['*', 'TOP(1)', 'BOTTOM(2)', 'TOP(1,1)', 'FROM', 'NO_SUCH', '?*']) {
      const selection = table.id.map((variable, i) => {
        const codes = Object.keys(table.dimension[variable].category.index);
        return { variableCode: variable, valueCodes: [expression.startsWith('FROM') ? `FROM(${pick(codes)})` : expression === '*' && i ? pick(codes) : expression] };
      });
      // A period in the middle may be of another frequency than that in the middle.
      const statuses = expression === 'NO_SUCH' ? [400, 404] : /,1|\?|FROM/.test(expression) ? [200, 400, 403] : [200, 403];
      await look('Dataset', `/tables/${id}/data?outputFormat=json-stat2`, { body: { selection } }, statuses);
      await look('Dataset', `/tables/${id}/data?outputFormat=json-stat2&${selection.map(s => `valuecodes[${s.variableCode}]=${enc(s.valueCodes[0].includes(',') && !s.valueCodes[0].startsWith('TOP') ? `[${s.valueCodes[0]}]` : s.valueCodes[0])}`).join('&')}`, {}, statuses);
      if (expression !== 'TOP(1)')
        continue;
      for (const format of config.dataFormats) {
        const answer = await ask(`/pxweb/v2/tables/${id}/data?outputFormat=${format}`, { body: { selection, placement: { heading: [table.id[0]], stub: table.id.slice(1) } } });
        const types = { 'json-stat2': 'application/json', csv: 'text/csv', px: 'application/octet-stream', html: 'text/html', 'json-px': 'application/json' };
        count(`pxweb-format-${format}`, answer.request, expect(answer, [200], types[format]));
      }
      for (const parameter of ['UseCodes', 'UseTexts', 'UseCodesAndTexts', 'IncludeTitle', 'SeparatorTab', 'SeparatorSpace', 'SeparatorSemicolon'])
        count('pxweb-outputFormatParams', parameter, expect(await ask(`/pxweb/v2/tables/${id}/data?outputFormat=csv&outputFormatParams=${parameter}`, { body: { selection } }), [200]));
      const saved = JSON.parse((await look('SavedQueryResponse', '/savedqueries',
        { body: { tableId: id, language: 'en', outputFormat: 'json-stat2', selection: { selection } } }, [201])).text);
      for (const [name, path] of [['SavedQueryResponse', ''], ['Dataset', '/data'], ['SelectionResponse', '/selection']])
        await look(name, `/savedqueries/${saved.id}${path}`);
      await look('Dataset', `/tables/${id}/metadata?savedQuery=${saved.id}`);
    }
    for (const query of ['valuecodes[NO_SUCH]=1', 'outputFormat=nonsense', 'outputFormat=csv&outputFormatParams=nonsense', 'heading=NO_SUCH', 'nonsense=1', 'lang=xx',
      `codelist[${table.id[0]}]=nosuch`])
      await look('Dataset', `/tables/${id}/data?${query}`, {}, [400, 404]);
    for (const body of [{}, { selection: [{}] }, { selection: 'x' }, { nonsense: 1 }, []])
      await look('Dataset', `/tables/${id}/data?outputFormat=json-stat2`, { body }, [200, 400]);
  }
});

// JSON-stat.
await part('json-stat', async () => {
  const [whole, ...others] = ['index', 'dataset', 'collection', 'dimension'].map(n => json('jsonstat/validator/main', `schemas/vendored/${n}.json`));
  const valid = compiler(Ajv2020, [whole, ...others]);
  const sizes = value => {
    if (value.class !== 'dataset')
      return [];
    const cells = value.size.reduce((a, b) => a * b, 1);
    const length = Array.isArray(value.value) ? value.value.length : 1 + Math.max(-1, ...Object.keys(value.value).map(Number));
    return [...Array.isArray(value.value) && length && length !== cells || length > cells ? [`${length} values of ${cells} cells`] : [],
      ...value.id.flatMap((d, i) => {
        const { index, label } = value.dimension[d]?.category ?? {};
        const n = index ? (Array.isArray(index) ? index : Object.keys(index)).length : Object.keys(label ?? {}).length;
        return n === value.size[i] ? [] : [`${d} has ${n} categories, its size is ${value.size[i]}`];
      })];
  };
  for (const query of ['', '?lang=zh']) {
    const answer = await ask(`/jsonstat/collection${query}`);
    count('json-stat-collection', answer.request, [...expect(answer, [200], 'application/json'), ...parsed(answer, valid)]);
    for (const item of JSON.parse(answer.text).link?.item ?? [])
      count('json-stat-items', item.href, expect(await ask(item.href), [200], item.type?.split(';')[0] ?? 'application/json'));
  }
  for (const dataset of datasets) {
    for (const query of ['', '&lang=zh', '&lang=sv', '&last=1', '&labels=both', '&labels=label', '&first=2', `&${pick(dataset.dimensions)}!=NO`, '&OBS_VALUE=gt:0',
      '&TIME_PERIOD=latest']) {
      const answer = await ask(`/v1/datasets/${dataset.id}/data?format=json-stat${query}`);
      if (answer.status === 200)
        count('json-stat-dataset', answer.request, [...parsed(answer, valid), ...parsed(answer, sizes)]);
      else
        count('json-stat-refused', answer.request, expect(answer, [400, 422], 'application/problem+json'));
    }
    const answer = await ask(`/pxweb/v2/tables/${dataset.id}/data?outputFormat=json-stat2`);
    const about = await ask(`/pxweb/v2/tables/${dataset.id}/metadata`);
    count('json-stat-pxweb', answer.request, [...parsed(answer, valid), ...parsed(answer, sizes)]);
    count('json-stat-pxweb-metadata', about.request, parsed(about, valid));
  }
});

// The catalogues as RDF, each page as JSON-LD and as Turtle, by DCAT-AP's shapes.
const local = async url => { throw new Error(`asks for ${url}`); };
await part('dcat-ap', async () => {
  const names = ['shacl/dcat-ap-SHACL.ttl', 'html/shacl/shapes.ttl', 'html/shacl/shapes_recommended.ttl', 'html/shacl/range.ttl', 'html/shacl/deprecateduris.ttl',
    'html/shacl/mdr-vocabularies.shape.ttl'];
  const shapes = names.map(n => [n, new Store(new Parser().parse(file('SEMICeu/DCAT-AP/3.0.1', `releases/3.0.1/${n}`)).filter(q => !q.predicate.value.endsWith('#imports')))]);
  for (const extension of ['jsonld', 'ttl']) {
    for (const path of [`/catalog.${extension}?limit=1000`, `/catalog.${extension}?limit=2&page=2`, ...datasets.map(d => `/v1/datasets/${d.id}/dcat.${extension}`)]) {
      const answer = await ask(path);
      const faults = expect(answer, [200], extension === 'ttl' ? 'text/turtle' : 'application/ld+json');
      let graph;
      try {
        graph = new Store(new Parser({ format: extension === 'ttl' ? 'Turtle' : 'N-Quads', baseIRI: site + path })
          .parse(extension === 'ttl' ? answer.text : await jsonld.toRDF(JSON.parse(answer.text), { format: 'application/n-quads', documentLoader: local, safe: true })));
      } catch (error) {
        count(`dcat-ap-${extension}`, answer.request, [...faults, error.message]);
        continue;
      }
      count(`dcat-ap-${extension}`, answer.request, faults);
      // The authority tables of the EU are not here: what has an address in one is taken for one of its concepts.
      for (const term of graph.getObjects(null, null, null)) {
        const table = /^(http:\/\/publications\.europa\.eu\/resource\/authority\/[\w-]+)\/[\w-]+$/.exec(term.value)?.[1];
        if (table)
          graph.addQuad(DataFactory.quad(term, DataFactory.namedNode('http://www.w3.org/2004/02/skos/core#inScheme'), DataFactory.namedNode(table)));
      }
      for (const [name, store] of shapes) {
        const report = await new Shapes(store, { allowNamedNodeInList: true }).validate(graph);
        for (const severity of ['Violation', 'Warning', 'Info']) {
          const results = report.results.filter(r => (r.severity?.value ?? 'Violation').endsWith(severity));
          if (severity === 'Violation' || results.length)
            count(`dcat-ap-${extension} ${name}${severity === 'Violation' ? '' : ` (${severity})`}`, answer.request,
              results.map(r => `${r.path?.value ?? ''} ${r.message.map(m => m.value).join(' ')} ${r.sourceConstraintComponent?.value.split('#')[1]} of ${r.focusNode?.value.replace(site, '')}: ${r.value?.value ?? ''}`).slice(0, 8));
        }
      }
    }
  }
});

await part('dcat-us', async () => {
  const base = 'https://project-open-data.cio.gov/v1.1/schema/';
  const valid = compiler(Ajv4, ['catalog', 'dataset', 'distribution', 'organization', 'vcard'].map(
    n => ({ ...json('project-open-data/project-open-data.github.io/v1.1', `v1.1/schema/${n}.json`), id: `${base}${n}.json` })),
    // Only federal agencies have the codes of a bureau and of a programme.
    s => s.required ? { ...s, required: s.required.filter(r => !['bureauCode', 'programCode'].includes(r)) } : s);
  for (const path of ['/data.json', '/data.json?limit=2', '/data.json?limit=2&page=2', '/data.json?lang=zh']) {
    const answer = await ask(path);
    count('dcat-us', answer.request, [...expect(answer, answer.status === 400 ? [400] : [200], answer.status === 400 ? undefined : 'application/json'),
      ...answer.status === 400 ? [] : parsed(answer, valid)]);
  }
});

// Croissant: only terms of its vocabulary, and what the specification demands of each class.
await part('croissant', async () => {
  const terms = new Set(new Parser().parse(file('mlcommons/croissant/main', 'docs/croissant.ttl')).map(q => q.subject.value.replace('http:', 'https:')));
  const needs = { FileObject: ['name|@id', 'contentUrl|containedIn', 'encodingFormat'], FileSet: ['containedIn', 'encodingFormat', 'includes'],
    RecordSet: ['field|data', '@id'], Field: ['source|value|subField|inline', 'dataType|subField', '@id'], Dataset: ['name', 'description', 'url', 'conformsTo', 'distribution'] };
  for (const { id } of datasets) {
    for (const query of ['', '?lang=zh']) {
      const answer = await ask(`/v1/datasets/${id}/croissant.json${query}`);
      const faults = expect(answer, [200]);
      const document = JSON.parse(answer.text);
      const ids = new Set();
      const refs = [];
      (function walk(node, at, inline) {
        if (Array.isArray(node))
          return node.forEach((n, i) => walk(n, `${at}/${i}`, inline));
        if (!node || typeof node !== 'object')
          return;
        const kind = String(node['@type'] ?? '').replace(/^(cr|sc|schema):/, '');
        if (node['@type'])
          node['@id'] && (ids.has(node['@id']) ? faults.push(`${at}: @id ${node['@id']} twice`) : ids.add(node['@id']));
        else if (Object.keys(node).join() === '@id')
          refs.push(node['@id']);
        for (const need of needs[kind] ?? [])
          if (!need.split('|').some(n => n === 'inline' ? inline : n in node))
            faults.push(`${at} (${kind}) has no ${need}`);
        if (kind === 'FileObject' && !document.isLiveDataset && !('sha256' in node || 'md5' in node || node.containedIn))
          faults.push(`${at} (${kind}) has no sha256`);
        Object.entries(node).forEach(([k, v]) => k !== '@context' && walk(v, `${at}/${k}`, 'data' in node));
      })(document, '');
      refs.filter(r => !ids.has(r) && !/^https?:|^\w+:/.test(r)).forEach(r => faults.push(`@id ${r} is nowhere`));
      const quads = await jsonld.toRDF(document, { base: site + answer.request, documentLoader: local, safe: true })
        .catch(e => { faults.push(`JSON-LD: ${e.message} ${JSON.stringify(e.details?.event ?? '').slice(0, 400)}`); return []; });
      for (const term of new Set(quads.flatMap(q => [q.predicate.value, q.object.value]).filter(t => /mlcommons\.org\/croissant\/\w/.test(t)).map(t => t.replace('http:', 'https:'))))
        if (!terms.has(term) && !/croissant\/1\.\d$/.test(term))
          faults.push(`${term} is not in the vocabulary`);
      count('croissant', answer.request, faults);
    }
  }
});

await part('datapackage', async () => {
  const valid = compiler(Ajv, [json('frictionlessdata/datapackage/2.0', 'public/profiles/2.0/datapackage.json')]);
  for (const { id } of datasets) {
    for (const query of ['', '?lang=zh', '?labels=both', '?columns=TIME_PERIOD,OBS_VALUE', '?format=tsv', '?last=1']) {
      const answer = await ask(`/v1/datasets/${id}/datapackage.json${query}`);
      count(`datapackage${answer.status < 300 ? '' : '-refused'}`, answer.request, answer.status < 300 ? parsed(answer, valid) : expect(answer, [400], 'application/problem+json'));
    }
  }
});

// CSVW: as JSON-LD with its own context nothing is lost, and the properties are those of the metadata vocabulary.
await part('csvw', async () => {
  const context = json('w3c/csvw/main', 'ns/csvw.jsonld');
  const known = { Table: 'url tableSchema dialect notes suppressOutput tableDirection transformations', Schema: 'columns foreignKeys primaryKey rowTitles',
    Column: 'name titles suppressOutput virtual',
    Dialect: 'commentPrefix delimiter doubleQuote encoding header headerRowCount lineTerminators quoteChar skipBlankRows skipColumns skipInitialSpace skipRows trim',
      Datatype: 'base format length minLength maxLength minimum maximum minInclusive maxInclusive minExclusive maxExclusive', ForeignKey: 'columnReference reference' };
  const inherited = 'aboutUrl datatype default lang null ordered propertyUrl required separator textDirection valueUrl'.split(' ');
  const names = new Set(('anyAtomicType anyURI base64Binary boolean date dateTime dateTimeStamp decimal integer long int short byte nonNegativeInteger positiveInteger unsignedLong unsignedInt unsignedShort unsignedByte nonPositiveInteger negativeInteger double duration ' +
    'dayTimeDuration yearMonthDuration float gDay gMonth gMonthDay gYear gYearMonth hexBinary QName string normalizedString token language Name NMTOKEN xml html json time number binary datetime any').split(' '));
  for (const { id, dimensions } of datasets) {
    for (const query of ['', '?labels=both', '?labels=label&lang=zh', `?columns=${pick(dimensions)},OBS_VALUE`, '?last=1&lang=sv', '?format=csv&version=1']) {
      const answer = await ask(`/v1/datasets/${id}/data.csv-metadata.json${query}`);
      const faults = expect(answer, [200], 'application/csvm+json');
      if (answer.status === 200) {
        const table = JSON.parse(answer.text);
        const look = (node, kind, at) => {
          for (const key of Object.keys(node))
            if (!key.includes(':') && !key.startsWith('@') && !known[kind].split(' ').includes(key) && !(inherited.includes(key) && kind !== 'Dialect' && kind !== 'Datatype'))
              faults.push(`${at}: ${key} is no property of a ${kind}`);
          if (typeof node.datatype === 'string' ? !names.has(node.datatype) : node.datatype && !names.has(node.datatype.base ?? 'string'))
            faults.push(`${at}: datatype ${JSON.stringify(node.datatype)}`);
          if (node.datatype && typeof node.datatype === 'object')
            look(node.datatype, 'Datatype', `${at}/datatype`);
        };
        if (JSON.stringify(table['@context']) !== '"http://www.w3.org/ns/csvw"' && table['@context']?.[0] !== 'http://www.w3.org/ns/csvw')
          faults.push('@context is not csvw');
        look(table, 'Table', '');
        look(table.tableSchema, 'Schema', '/tableSchema');
        if (table.dialect)
          look(table.dialect, 'Dialect', '/dialect');
        const columns = table.tableSchema.columns;
        columns.forEach((c, i) => {
          look(c, 'Column', `/columns/${i}`);
          if (!/^(?![_])[\w.%]+$/.test(c.name) && !/^[^_]/.test(c.name))
            faults.push(`/columns/${i}: name ${c.name}`);
        });
        if (new Set(columns.map(c => c.name)).size !== columns.length)
          faults.push('names of columns occur twice');
        for (const key of [table.tableSchema.primaryKey ?? [], ...(table.tableSchema.foreignKeys ?? []).map(f => f.columnReference)].flat())
          if (!columns.some(c => c.name === key))
            faults.push(`there is no column ${key}`);
        await jsonld.expand(table, { documentLoader: async url => ({ documentUrl: url, document: url === 'http://www.w3.org/ns/csvw' ? context : await local(url) }), safe: true })
          .catch(e => faults.push(`JSON-LD: ${e.message} ${JSON.stringify(e.details?.event?.details ?? '').slice(0, 200)}`));
        const data = await ask(table.url.replace(/^https?:\/\/[^/]*/, ''));
        const head = data.text.split(/\r?\n/)[0].split(table.dialect?.delimiter ?? ',').map(h => h.replace(/^"|"$/g, ''));
        if (head.join() !== columns.map(c => [c.titles].flat()[0]?.en ?? [c.titles].flat()[0]).join())
          faults.push(`the CSV's head is ${head}, the titles ${columns.map(c => JSON.stringify(c.titles))}`);
      }
      count('csvw', answer.request, faults);
    }
  }
});

await part('openapi', async () => {
  const read = n => json('OAI/OpenAPI-Specification/3.1.0-schemas', `schemas/v3.1/${n}.json`);
  const valid = compiler(Ajv2020, [read('schema')], s => JSON.parse(JSON.stringify(s).replaceAll('"$dynamicRef":"#meta"', '"$ref":"#/$defs/schema"')));
  const answer = await ask('/openapi.json');
  count('openapi', answer.request, [...expect(answer, [200]), ...parsed(answer, valid)]);
  const document = JSON.parse(answer.text);
  const ajv = new Ajv2020({ strict: false, logger: false });
  (function walk(node, at) {
    if (!node || typeof node !== 'object' || /\/(example|examples|default|enum)$/.test(at))
      return;
    for (const [key, value] of Object.entries(node)) {
      const schemas = key === 'schema' ? [[at, value]] : key === 'schemas' ? Object.entries(value) : [];
      for (const [name, schema] of schemas)
        count('openapi-schemas', `${at}/${name}`, ajv.validateSchema(schema) ? [] : ajv.errors.map(said));
      walk(value, `${at}/${key}`);
    }
  })(document, '');
});

// OData: the model by the schemas of CSDL, and the answers by the OpenAPI that odata-openapi makes of the model.
await part('odata', async () => {
  const schemas = place('oasis-tcs/odata-csdl-schemas/main', 'schemas');
  const valid = compiler(Ajv, [json('oasis-tcs/odata-csdl-schemas/main', 'schemas/csdl.schema.json')]);
  const look = async (name, path, valid, more = {}, statuses = [200]) => {
    const answer = await ask(path, more);
    const faults = expect(answer, statuses, answer.status === 200 && valid ? 'application/json' : undefined);
    if (!/^4\.0/.test(answer.headers.get('odata-version') ?? ''))
      faults.push(`OData-Version ${answer.headers.get('odata-version')}`);
    count(`odata-${name}`, answer.request, [...faults, ...valid ? parsed(answer, valid) : []]);
    return answer;
  };
  await look('service', '/odata', v => Array.isArray(v.value) && v.value.every(e => e.name && e.url) ? [] : ['no service document']);
  for (const dataset of datasets) {
    const base = `/odata/${dataset.id}`;
    for (const version of ['4.01', '4.0']) {
      const model = await ask(`${base}/$metadata`, { accept: 'application/xml', headers: { 'OData-MaxVersion': version } });
      if (model.status === 200)
        keep('odata-csdl-xml', join(schemas, 'edmx.xsd'), model);
      else
        count('odata-csdl-xml', model.request, expect(model, [200]));
    }
    const model = await look('csdl-json', `${base}/$metadata?$format=json`, valid);
    const openapi = csdl2openapi(JSON.parse(model.text), {});
    const plain = JSON.parse(JSON.stringify(openapi.components.schemas), (k, v) => {
      if (!v || typeof v !== 'object' || Array.isArray(v))
        return v;
      const { nullable, example, default: _, ...rest } = v;
      return nullable && typeof rest.type === 'string' ? { ...rest, type: [rest.type, 'null'] } : nullable && (rest.anyOf || rest.allOf || rest.$ref) ? { anyOf: [rest, { type: 'null' }] } : rest;
    });
    const by = name => compiler(Ajv2020, [{ $id: 'od', components: { schemas: plain }, type: 'object', required: ['value'],
      properties: { value: { type: 'array', items: { $ref: `#/components/schemas/${name}` } } } }]);
    const rows = by('Pipeline.Observation');
    const values = v => rows({ value: v.value ?? [v] });
    const context = v => [...typeof v['@odata.context'] === 'string' || typeof v['@context'] === 'string' ? [] : ['there is no @odata.context'],
      ...Array.isArray(v.value) ? [] : ['value is no list']];
    await look('service', base, context);
    for (const query of ['$top=2', '$top=0', '$count=true&$top=1', '$select=OBS_VALUE,TIME_PERIOD&$top=2', `$expand=${dataset.dimensions[0]}_Code&$top=1`,
      '$orderby=OBS_VALUE desc&$top=2', '$skip=1&$top=1', '$filter=OBS_VALUE gt 0&$top=2', "$filter=OBS_STATUS eq 'NO_SUCH'",
      'version=1&$top=1', '$top=1&$format=application/json;odata.metadata=full', '$filter=OBS_VALUE eq null&$top=2', `$search=${dataset.id.slice(0, 4)}&$top=1`])
      await look('entities', `${base}/Observations?${query.replace(/ /g, '%20')}`, v => [...context(v), ...values(v)]);
    await look('entities', `${base}/Observations?$top=1&$format=application/json;odata.metadata=none`,
      v => [...values(v), ...Object.keys(v).filter(k => k.includes('@') && !/count|nextLink/.test(k)).map(k => `${k} with metadata=none`)]);
    await look('entities-ieee754', `${base}/Observations?$top=2`, v => v.value.filter(r => typeof r.OBS_VALUE === 'number').map(() => 'OBS_VALUE is a number with IEEE754Compatible=true'), { accept: 'application/json;IEEE754Compatible=true' });
    await look('groups', `${base}/Observations?$apply=aggregate($count%20as%20N)`, context);
    await look('groups', `${base}/Observations?$apply=groupby((${pick(dataset.dimensions)}),aggregate($count%20as%20N))`, context);
    await look('count', `${base}/Observations/$count`);
    for (const { name, kind } of JSON.parse((await ask(base)).text).value)
      if (kind !== 'Singleton' && name !== 'Observations')
        await look('codes', `${base}/${name}?$top=3`, v => [...context(v),
          ...by(openapi.paths[`/${name}`]?.get.responses['200'].content['application/json'].schema.properties.value.items.$ref.split('/').pop() ?? 'none')({ value: v.value })]);
    const entity = JSON.parse((await ask(`${base}/Observations?$top=1&$format=application/json;odata.metadata=full`)).text).value[0];
    await look('entity', new URL(entity['@odata.id'] ?? entity['@id']).href,
      v => [...typeof v['@odata.context'] === 'string' ? [] : ['there is no @odata.context'], ...rows({ value: [v] })]);
    const fault = v => typeof v.error?.code === 'string' && typeof v.error.message === 'string' && (v.error.details ?? []).every(d => typeof d.code === 'string' && typeof d.message === 'string') && Object.keys(v).join() === 'error' ? [] : ['is no error of OData'];
    for (const [query, statuses] of [['$filter=NO eq 1', [400]], ['$top=x', [400]], ['$orderby=NO', [400]], ['$select=NO', [400]], ['$expand=NO', [400]], ['$apply=x', [400]],
      ['$compute=1 as x', [501]], ['nonsense=1', [400, 200]], ['$format=nonsense', [400, 406, 415]], ['version=99', [404, 400]]])
      await look('errors', `${base}/Observations?${query.replace(/ /g, '%20')}`, fault, {}, statuses);
    await look('errors', `${base}/Nonsense`, fault, {}, [404]);
    await look('errors', `${base}/Observations`, fault, { body: {} }, [405, 501]);
  }
  await look('errors', '/odata/nosuch/Observations', undefined, {}, [404]);
  xmllint();
});

let faulty = 0;
for (const [name, { answers, faulty: bad, kinds }] of [...checks].sort(([a], [b]) => a < b ? -1 : 1)) {
  console.log(`${!bad ? 'ok' : name.endsWith(')') ? '..' : 'NO'} ${name}: ${answers - bad} of ${answers} valid`);
  if (!name.endsWith(')'))
    faulty += bad;
  for (const { times, fault, request } of [...kinds.values()].sort((a, b) => b.times - a.times).slice(0, 8))
    console.log(`     ${times} × ${fault}\n       ${request}`);
}
process.exitCode = faulty ? 1 : 0;
