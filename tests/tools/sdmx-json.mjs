// Reads SDMX-JSON with readers that others wrote: version 2 with the Pacific Community's sdmx-json-parser, version 1 with jsonstat-utils, which turns it into JSON-stat.
// node sdmx-json.mjs ADDRESS DATAFLOW
import parser from 'sdmx-json-parser';
import { createRequire } from 'node:module';

const utils = createRequire(import.meta.url)('jsonstat-utils');
const [, , address, flow] = process.argv;
const result = { newer: [] };
for (const shape of ['AllDimensions', 'TIME_PERIOD']) {
  const reader = new parser.SDMXParser();
  await reader.getDatasets(`${address}/sdmx/v2/data/dataflow/*/${flow}/*/*?dimensionAtObservation=${shape}`);
  result.newer.push(reader.getData());
}
// Where no observation has some of the attributes.
const few = new parser.SDMXParser();
await few.getDatasets(`${address}/sdmx/v2/data/dataflow/*/${flow}/*/*?firstNObservations=1`);
result.few = few.getData();
const response = await fetch(`${address}/sdmx/v1/data/${flow}?dimensionAtObservation=AllDimensions`, { headers: { Accept: 'application/vnd.sdmx.data+json;version=1.0.0' } });
const message = await response.json();
// It reads the drafts: the header has another name there, and a flat data set no list of its series' dimensions.
delete message.data.structure.dimensions.series;
result.older = utils.fromSDMX({ header: { ...message.meta, links: [] }, ...message.data }, { ovalue: true });
console.log(JSON.stringify(result));
