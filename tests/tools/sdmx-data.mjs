// Asks a server for data with sdmx-rest: builds each address in full, with all its redundant defaults, and short; both have to give the same.
import rest from 'sdmx-rest';

const [address, flow] = process.argv.slice(2);
const { SDMX_JSON_2_0_0, SDMX_JSON_1_0_0, SDMX_JSON_1_0_0_WD, SDMX_ML_2_1_GENERIC } = rest.data.DataFormat;
const service = (api, format) => rest.getService({ url: `${address}/sdmx/v${api[1]}`, api, format });
const newer = service('v2.0.0', SDMX_JSON_2_0_0);
const older = service('v1.5.0', SDMX_JSON_1_0_0);

function count(text) {
  if (text.startsWith('<'))
    return `${text.split('<g:Series>').length - 1} ${text.split('<g:Obs>').length - 1}`;
  const message = JSON.parse(text);
  const sets = (message.data ?? message).dataSets;
  const series = sets.flatMap(set => Object.values(set.series ?? {}));
  const observations = [...sets, ...series].flatMap(part => Object.keys(part.observations ?? {}));
  return `${series.length} ${observations.length}`;
}

async function ask(name, query, to) {
  const answers = [];
  for (const short of [false, true]) {
    const response = await fetch(rest.getUrl(query, to, short), { headers: { Accept: to.format } });
    if (response.ok)
      rest.checkMediaType(to.format, response);
    answers.push(response.ok ? count(await response.text()) : `${response.status}`);
  }
  if (answers[0] !== '404')
    answers.push(count(await rest.request(query, to)));
  console.log(`${to.api.slice(1, 4)} ${name}: ${[...new Set(answers)].join(' or ')}`);
}

const context = `dataflow=*:${flow}(*)`;
await ask('all', rest.getDataQuery2({ context }), newer);
await ask('key', rest.getDataQuery2({ context, key: 'A.650000.I-0' }), newer);
await ask('last of each, flat', rest.getDataQuery2({ context, lastNObs: 1, obsDimension: 'AllDimensions' }), newer);
await ask('filtered', rest.getDataQuery2({ context: `dataflow=PIPELINE:${flow}(~)`, key: '*', filters: ['TIME_PERIOD=ge:2022', 'REF_AREA=650000,nowhere'] }), newer);
await ask('history', rest.getDataQuery2({ context, history: true }), newer);
await ask("1.x's query, no data", rest.getDataQuery({ flow, detail: 'nodata' }), newer);
await ask('nothing', rest.getDataQuery2({ context, key: 'A.nowhere' }), newer);
await ask('all', rest.getDataQuery({ flow }), older);
await ask('key and periods', rest.getDataQuery({ flow: `PIPELINE,${flow},latest`, key: 'A.650000+X-1.I-0', start: '2021', end: '2022' }), older);
await ask('keys', rest.getDataQuery({ flow, detail: 'serieskeysonly' }), older);
await ask('generic', rest.getDataQuery({ flow }), service('v1.5.0', SDMX_ML_2_1_GENERIC));
await ask('all', rest.getDataQuery({ flow }), service('v1.0.2', SDMX_JSON_1_0_0_WD));
