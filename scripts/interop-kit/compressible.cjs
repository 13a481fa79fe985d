// A local service that is worth compressing, made with express: node compressible.cjs PORT FILE. /text is the file, /json the same in JSON, both with a strong tag; /strict has a tag as well, and compares
// it as a string; /events?stream=NAME sends an event, and the next one for each POST to /next?stream=NAME; /confirmed tells how often there was a 304; / is a page.
const fs = require('node:fs')
const express = require('express')

const [port, name] = process.argv.slice(2)
const text = fs.readFileSync(name, 'utf8')
const last = 20
const streams = new Map()
let confirmed = 0

const app = express()
app.set('etag', 'strong')
app.use((request, response, next) => {
  response.on('finish', () => { confirmed += response.statusCode === 304 })
  next()
})
app.get('/', (request, response) => response.send('<!doctype html><title>compressible</title>'))
app.get('/text', (request, response) => response.type('text/plain').send(text))
app.get('/json', (request, response) => response.json(text.split('\n')))
app.get('/strict', (request, response) => {
  const tag = '"strict"'
  response.set('ETag', tag)
  if (request.headers['if-none-match'] === tag) return response.status(304).end()
  response.writeHead(200, { 'Content-Type': 'text/html' }).end(text)
})
app.get('/confirmed', (request, response) => response.type('text/plain').send(String(confirmed)))
app.get('/events', (request, response) => {
  response.writeHead(200, { 'Content-Type': 'text/event-stream' })
  let count = 0
  const send = () => {
    response.write(`data: ${count}\n\n`)
    if (++count === last) response.end()
  }
  streams.set(request.query.stream, send)
  send()
})
app.post('/next', (request, response) => {
  streams.get(request.query.stream)()
  response.status(204).end()
})
app.listen(Number(port), '127.0.0.1')
