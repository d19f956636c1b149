// Brings the schemas and shapes that others publish, and no package registry has, with git: node published.mjs FOLDER [FROM]. Ends with 2 where FROM can not be reached.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';

// What of which commit: what they change tomorrow breaks no build of today. Each is FOLDER/owner/name/version.
const sources = [
  ['sdmx-twg/sdmx-json/v2.1.0', 'faa661d2247b9914052c76a5dabafd5990493f5a', 'data-message/tools/schemas', 'structure-message/tools/schemas'],
  // 2.0 and 1.0.
  ['sdmx-twg/sdmx-json/v2.0.0', '71fe5eaa9fcd29e3c15f2f0216a19b9b650b1dbd', 'data-message/tools/schemas', 'structure-message/tools/schemas'],
  // v3.0.0 forgets that the codes of parents can begin with a digit.
  ['sdmx-twg/sdmx-ml/patch-v3.0.1', '382e027d5449cc2c363bdf15c05ed13609d1bfc9', 'schemas'],
  ['sdmx-twg/sdmx-ml-v2_1/master', 'e986a60f7febebf0ada89fee30874d90b1e9e6e5', 'schemas'],
  ['PxTools/PxApiSpecs/v2.2.0', '264f16c503245ba9faa34f26d3d74a5cce8910db', 'PxAPI-2.yml'],
  ['jsonstat/validator/main', 'cab9ab307ba54171e98527051651cbab44ffec7a', 'schemas/vendored'],
  ['SEMICeu/DCAT-AP/3.0.1', '7c531da7f154794da620fd0e57a3e8afe0286c0f', 'releases/3.0.1'],
  ['project-open-data/project-open-data.github.io/v1.1', 'f136070aa9fea595277f6ebd1cd66f57ff504dfd', 'v1.1/schema'],
  ['mlcommons/croissant/main', '401f6fff81db26a49c0d1704f02bffc4e4fa8fe2', 'docs/croissant.ttl'],
  ['frictionlessdata/datapackage/2.0', '6a201af8ed2eacbb3a2440e82e4c55d5807f9c09', 'public/profiles/2.0'],
  ['w3c/csvw/main', '2bc84f937be11d313766ae0892c08c923a5a3799', 'ns/csvw.jsonld'],
  ['OAI/OpenAPI-Specification/3.1.0-schemas', '157a4c81ae537ef793b2bee368bc00d88b461de8', 'schemas/v3.1'],
  ['oasis-tcs/odata-csdl-schemas/main', '49355e70b55325941cfd23104aaad4f2c1065fea', 'schemas'],
];

const [, , folder, from = 'https://github.com'] = process.argv;
if (!folder) {
  console.log('node published.mjs FOLDER [FROM]');
  process.exit(1);
}
function git(place, ...args) {
  const { status, stderr, error } = spawnSync('git', ['-C', place, '-c', 'http.lowSpeedLimit=1000', '-c', 'http.lowSpeedTime=20', ...args],
    { encoding: 'utf8', env: { ...process.env, GIT_TERMINAL_PROMPT: '0', LC_ALL: 'C' } });
  return status === 0 ? '' : (error?.message ?? stderr).trim();
}
function must(...run) {
  const fault = git(...run);
  if (fault) {
    console.error(fault);
    process.exit(/(could not|couldn't|failed to) (resolve|connect)|timed out|connection (refused|reset)|proxy|returned error: 40[37]/i.test(fault) ? 2 : 1);
  }
}

for (const [name, commit, ...paths] of sources) {
  const place = join(folder, name);
  if (existsSync(join(place, commit)))
    continue;
  const half = place + '.part';
  for (const left of [place, half])
    rmSync(left, { recursive: true, force: true });
  mkdirSync(half, { recursive: true });
  must(half, 'init', '-q');
  must(half, 'remote', 'add', 'origin', `${from}/${name.slice(0, name.lastIndexOf('/'))}`);
  must(half, 'sparse-checkout', 'set', '--no-cone', ...paths.map(path => '/' + path));
  must(half, 'fetch', '-q', '--depth=1', '--filter=blob:none', 'origin', commit);
  must(half, 'checkout', '-q', commit);
  rmSync(join(half, '.git'), { recursive: true, force: true });
  // It is there as a whole, and says as what.
  mkdirSync(join(half, commit));
  renameSync(half, place);
}
