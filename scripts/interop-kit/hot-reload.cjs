// A page of a development server in headless Chromium: node hot-reload.cjs URL CHROMIUM PIN FILE PROFILE. The page shows what FILE exports; when the file
// changes, the page must show that without being loaded anew. No certificate is accepted but one with the key PIN in its chain.
const fs = require('node:fs')
const puppeteer = require('puppeteer-core')

const [url, executablePath, pin, file, userDataDir] = process.argv.slice(2)
const limit = { timeout: 20000 }

;(async () => {
  const browser = await puppeteer.launch({
    executablePath, userDataDir, headless: true, pipe: true, args: ['--no-sandbox', '--disable-gpu', '--host-resolver-rules=MAP *.interop.test 127.0.0.1', `--ignore-certificate-errors-spki-list=${pin}`] })
  const sockets = []
  try {
    const page = await browser.newPage()
    const protocol = await page.createCDPSession()
    await protocol.send('Network.enable')
    protocol.on('Network.webSocketHandshakeResponseReceived', event => sockets.push(event.response.status))
    page.on('console', message => console.log('page:', message.text()))
    await page.goto(url, limit)
    await page.waitForFunction(() => document.body.innerText.includes('before'), limit)
    await page.evaluate(() => { window.same = 'page' })
    for (const deadline = Date.now() + limit.timeout; !sockets.includes(101);) {
      if (Date.now() > deadline) throw new Error(`no WebSocket opened: ${sockets}`)
      await new Promise(resolve => setTimeout(resolve, 100))
    }
    fs.writeFileSync(file, "export default 'after'\n")
    await page.waitForFunction(() => document.body.innerText.includes('after'), limit)
    if (await page.evaluate(() => window.same) !== 'page') throw new Error('the page was loaded anew')
  } finally {
    await browser.close()
  }
})().catch(error => { console.log(String(error)); process.exit(1) })
