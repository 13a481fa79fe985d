// A local service that tells what it understood of each request: `node service.mjs` prints its port. GET /_seen answers one line a request and forgets
// them: method, target, body (or "-" while it has not come whole) and fields, each in hexadecimal.
import http from 'node:http';

let seen = [];
const hex = (text) => Buffer.from(text, 'latin1').toString('hex') || '00';

function lines(raw, prefix) {
  const found = [];
  for (let i = 0; i < raw.length; i += 2) {
    found.push(prefix + raw[i].toLowerCase() + ': ' + raw[i + 1]);
  }
  return found;
}

const server = http.createServer((request, response) => {
  if (request.url === '/_seen') {
    const told = seen.map((each) => [each.method, each.target, each.body, each.fields.join('\n')].map((part) => (part === null ? '-' : hex(part))).join(' '));
    seen = [];
    response.end(told.join('\n'));
    return;
  }
  const record = { method: request.method, target: request.url, body: null, fields: lines(request.rawHeaders, '') };
  seen.push(record);
  const pieces = [];
  request.on('data', (piece) => pieces.push(piece));
  request.on('end', () => {
    record.body = Buffer.concat(pieces).toString('latin1');
    record.fields.push(...lines(request.rawTrailers, 'trailer '));
    const answer = Buffer.from(`${record.method} ${record.target} ${record.body}`, 'latin1');
    response.writeHead(200, { 'X-Served': 'yes', 'Content-Length': answer.length });
    response.end(answer);
  });
});
server.keepAliveTimeout = 120_000;
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
