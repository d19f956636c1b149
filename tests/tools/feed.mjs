// Reads a feed from its first page to its last (feedsmith), following rel=next.
// node feed.mjs ADDRESS PATH
import { parseAtomFeed } from 'feedsmith';

const [, , address, path] = process.argv;
let url = address + path;
const pages = [];
while (url) {
  const response = await fetch(url);
  const text = await response.text();
  if (!response.ok) throw new Error(`${response.status} ${text}`);
  const feed = parseAtomFeed(text);
  pages.push({ type: response.headers.get('content-type'), feed });
  url = feed.links.find(l => l.rel === 'next')?.href;
}
console.log(JSON.stringify(pages));
