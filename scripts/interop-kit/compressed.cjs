// Compressed responses in headless Chromium: node compressed.cjs URL CHROMIUM PIN FILE PROFILE. What the page fetches from compressible.cjs must be FILE, must have come compressed, and must be confirmed
// by a 304 when it is asked for again; each event must come before the next one is asked for. No certificate is accepted but one with the key PIN in its chain.
const fs = require('node:fs')
const puppeteer = require('puppeteer-core')

const [url, executablePath, pin, name, userDataDir] = process.argv.slice(2)
const text = fs.readFileSync(name, 'utf8')
const timeout = 20000

async function visit() {
  const fetched = async (path, cache) => {
    const response = await fetch(path, { cache })
    return { text: await response.text(), tag: response.headers.get('ETag'), vary: response.headers.get('Vary') }
  }
  const found = {}
  for (const path of ['/text', '/json', '/strict']) {
    const first = await fetched(path, 'reload')
    const entry = performance.getEntriesByName(new URL(path, location).href)[0]
    const before = Number((await fetched('/confirmed', 'no-store')).text)
    const again = await fetched(path, 'no-cache')
    const confirmed = Number((await fetched('/confirmed', 'no-store')).text) - before
    found[path] = { ...first, same: first.text === again.text, confirmed, ratio: entry.encodedBodySize / entry.decodedBodySize, timing: entry.serverTiming.map(each => each.name) }
  }
  found.events = await new Promise((resolve, reject) => {
    const events = []
    const source = new EventSource('/events?stream=chromium')
    source.onmessage = message => {
      events.push(message.data)
      if (events.length === 20) {
        source.close()
        resolve(events)
      } else {
        fetch('/next?stream=chromium', { method: 'POST' })
      }
    }
    source.onerror = () => reject(new Error(`the events end after ${events}`))
  })
  return found
}

;(async () => {
  const browser = await puppeteer.launch({
    executablePath, userDataDir, headless: true, pipe: true, protocolTimeout: timeout, args: ['--no-sandbox', '--disable-gpu', `--ignore-certificate-errors-spki-list=${pin}`] })
  try {
    const page = await browser.newPage()
    await page.goto(url, { timeout })
    const found = await page.evaluate(visit)
    const wanted = { '/text': text, '/json': JSON.stringify(text.split('\n')), '/strict': text }
    for (const [path, content] of Object.entries(wanted)) {
      const { text: got, ...what } = found[path]
      if (got !== content || !what.same) throw new Error(`${path} is not what it was, ${got.length} instead of ${content.length}`)
      if (what.ratio > 0.5 || what.confirmed !== 1 || !what.tag.startsWith('W/') || !/accept-encoding/i.test(what.vary) || !what.timing.includes('upstream'))
        throw new Error(`${path}: ${JSON.stringify(what)}`)
    }
    if (found.events.join() !== [...Array(20).keys()].join()) throw new Error(`events: ${found.events}`)
  } finally {
    await browser.close()
  }
})().catch(error => { console.log(String(error)); process.exit(1) })
