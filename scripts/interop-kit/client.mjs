// Node's Agent (keep-alive), of https or http, and fetch as visitors of Service: node client.mjs URL FILE, the CA in NODE_EXTRA_CA_CERTS.
// Ends with 0 when all contents were right.
import fs from 'node:fs'
import http from 'node:http'
import https from 'node:https'

const [base, name] = process.argv.slice(2)
const file = fs.readFileSync(name)
const rounds = 20

function whole(what, status, body) {
  if (status !== 200 || !file.equals(body)) throw new Error(`${what}: status ${status}, ${body.length} of ${file.length} bytes`)
}

process.on('uncaughtException', error => { console.log(String(error)); process.exit(1) })
const web = base.startsWith('https:') ? https : http
const agent = new web.Agent({ keepAlive: true, maxSockets: 4 })
let continued = 0

// send(method, path, headers, body): undefined, or pieces to write
function send(method, path, headers, pieces = []) {
  return new Promise((resolve, reject) => {
    const request = web.request(base + path, { method, headers, agent, timeout: 15000 }, response => {
      const got = []
      response.on('data', piece => got.push(piece))
      response.on('end', () => resolve({ status: response.statusCode, body: Buffer.concat(got), reused: request.reusedSocket }))
      response.on('error', reject)
    })
    request.on('error', reject)
    request.on('timeout', () => request.destroy(new Error('no answer in time')))
    const write = () => { for (const piece of pieces) request.write(piece); request.end() }
    if (headers.Expect) request.on('continue', () => { continued++; write() }).flushHeaders()
    else write()
  })
}

for (let i = 0; i < rounds; i++) {
  const { status, body, reused } = await send('GET', '/file', {})
  whole('one after another', status, body)
  if (i > 0 && !reused) throw new Error(`the connection of request ${i} was not used again`)
}
const halves = [file.subarray(0, 100000), file.subarray(100000)]
const length = { 'Content-Length': file.length }
let answer = await send('GET', '/chunked', {})
whole('no length', answer.status, answer.body)
answer = await send('POST', '/echo', length, halves)
whole('with a length', answer.status, answer.body)
answer = await send('PUT', '/echo', {}, halves)
whole('chunked', answer.status, answer.body)
answer = await send('POST', '/echo', { ...length, Expect: '100-continue' }, halves)
whole('100-continue', answer.status, answer.body)
if (continued !== 1) throw new Error('no 100 came')
await Promise.all(Array.from({ length: rounds }, async () => {
  const { status, body } = await send('GET', '/file', {})
  whole('side by side', status, body)
}))
agent.destroy()

const fetched = async (what, path, options) => {
  const response = await fetch(base + path, { signal: AbortSignal.timeout(15000), ...options })
  whole('fetch ' + what, response.status, Buffer.from(await response.arrayBuffer()))
}
for (let i = 0; i < rounds; i++) await fetched('one after another', '/file')
await fetched('no length', '/chunked')
await fetched('with a length', '/echo', { method: 'POST', body: file })
await fetched('chunked', '/echo', { method: 'POST', body: new Blob(halves).stream(), duplex: 'half' })
await Promise.all(Array.from({ length: rounds }, () => fetched('side by side', '/file')))
