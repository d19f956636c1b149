// Every structure, availability and schema URL that the client sdmx-rest builds, with and without its defaults, is answered.
import { createRequire } from 'node:module';

const sdmx = createRequire(import.meta.url)('sdmx-rest');
const [, , server] = process.argv;
const urls = new Map();
const add = (url, holds) => urls.set(url, holds ?? urls.get(url));
const v2 = sdmx.getService({ url: `${server}/sdmx/v2`, api: 'v2.0.0' });
const v1 = sdmx.getService({ url: `${server}/sdmx/v1`, api: 'v1.5.0' });
const flow = 'northmere-employment';
const ids = { dataflow: flow, datastructure: `DSD_${flow}`, conceptscheme: `CS_${flow}`, codelist: `CL_SEX--${flow}` };

for (const [service, versions] of [[v1, ['latest', 'all', '1.0']], [v2, ['~', 'all', '1.0.0']]]) {
  for (const [resource, id] of Object.entries(ids)) {
    for (const agency of ['all', 'PIPELINE']) {
      for (const version of versions) {
        for (const detail of ['full', 'allstubs', 'referencestubs', 'referencepartial', 'allcompletestubs', 'referencecompletestubs']) {
          for (const references of ['none', 'parents', 'parentsandsiblings', 'children', 'descendants', 'all', 'codelist']) {
            if (detail !== 'full' && references !== 'all' || agency === 'all' && references !== 'none')
              continue;
            const query = sdmx.getMetadataQuery({ resource, agency, id, version, detail, references });
            for (const skip of [false, true])
              add(sdmx.getUrl(query, service, skip), id);
          }
        }
      }
    }
  }
}
const list = sdmx.getMetadataQuery({ resource: 'dataflow' });
const item = sdmx.getMetadataQuery({ resource: 'codelist', agency: 'PIPELINE', id: ids.codelist, version: '1.0', item: 'F' });
for (const skip of [false, true]) {
  add(sdmx.getUrl(list, v1, skip), flow);
  add(sdmx.getUrl(sdmx.getMetadataQuery({ resource: 'dataflow', agency: 'all', id: 'all', version: '~' }), v2, skip), flow);
  add(sdmx.getUrl(item, v1, skip), 'Female');
  for (const context of [`dataflow=PIPELINE:${flow}(~)`, `dataflow=*:${flow}(*)`, `datastructure=PIPELINE:DSD_${flow}(1.0.0)`]) {
    for (const more of [{}, { key: 'Q.*.Ashwell.*.F' }, { component: 'SEX' }, { mode: 'available' }, { references: 'all' }, { references: 'codelist' }, { updatedAfter: '2016-03-04T09:57:00Z' },
      { filters: ['SEX=F'] }, { filters: ['REF_AREA=sw:Ash', 'SEX=F,M'] }, { filters: ['TIME_PERIOD=ge:2023-Q1+le:2023-Q2'] }])
      add(sdmx.getUrl(sdmx.getAvailabilityQuery2({ context, ...more }), v2, skip), 'SEX');
  }
  for (const more of [{}, { key: 'Q..Ashwell+Northmere..F' }, { component: 'SEX' }, { start: '2022', end: '2023-Q2' }, { mode: 'available' }, { references: 'all' }])
    add(sdmx.getUrl(sdmx.getAvailabilityQuery({ flow: `PIPELINE,${flow},1.0`, ...more }), v1, skip), 'SEX');
  add(sdmx.getUrl(sdmx.getSchemaQuery({ context: 'dataflow', agency: 'PIPELINE', id: flow }), v1, skip), 'targetNamespace');
  add(sdmx.getUrl(sdmx.getSchemaQuery({ context: 'datastructure', agency: 'PIPELINE', id: `DSD_${flow}`, version: '1.0', obsDimension: 'TIME_PERIOD', explicit: true }), v1, skip), 'targetNamespace');
  add(sdmx.getUrl(sdmx.getSchemaQuery({ context: 'dataflow', agency: 'PIPELINE', id: flow, version: '~' }), v2, skip), 'targetNamespace');
}

const wrong = [];
for (const [url, holds] of urls) {
  const answer = await fetch(url);
  const text = await answer.text();
  if (answer.status !== 200 || !text.includes(holds))
    wrong.push(`${answer.status} ${url}: ${text.slice(0, 300)}`);
}
if (wrong.length > 0) {
  console.error(wrong.join('\n'));
  process.exit(1);
}
console.log(urls.size);
